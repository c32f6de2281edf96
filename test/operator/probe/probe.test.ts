// The probe ends when, and only when, the webhook's own mark comes back.
import { describe, expect, test } from 'vitest'
import { type ApiRequest, type ApiResponse, ApiUnreachable, type KubeApi } from '../../../operator/kube/api.ts'
import { ATTEMPT_INTERVAL_MS, probeWebhook } from '../../../operator/probe/probe.ts'
import { modelRouteSpec } from '../../../crds/model-route.ts'
import type { Clock } from '../../../proxy/telemetry/clock.ts'

const patched: ApiResponse = {
  status: 201,
  body: { metadata: { annotations: { 'modelroute.dev/webhook-probe': 'answered' } } },
}
const unpatched: ApiResponse = { status: 201, body: { metadata: { name: 'webhook-probe' } } }
const failing: ApiResponse = { status: 500, body: { message: 'failed calling webhook: connection refused' } }

/** Answers in turn, the last one for ever; each attempt and each pause takes a second of its clock. */
function world(answers: readonly (ApiResponse | Error)[]) {
  const requests: ApiRequest[] = []
  const lines: string[] = []
  let nowMs = 0
  const clock: Clock = {
    now: () => nowMs,
    after: (delayMs, run) => {
      nowMs += delayMs
      queueMicrotask(run)
      return () => undefined
    },
  }
  const api: Pick<KubeApi, 'request'> = {
    request: async (request) => {
      requests.push(request)
      const answer = answers[Math.min(requests.length, answers.length) - 1]
      if (answer instanceof Error) throw answer
      return answer ?? unpatched
    },
  }
  const note = (_fields: object, message: string) => void lines.push(message)
  const logger = { debug: note, info: note, warn: note, error: note }
  return { requests, lines, deps: { api: api as KubeApi, clock, logger } }
}

const settings = { namespace: 'modelroute-system', timeoutMs: 5 * ATTEMPT_INTERVAL_MS }

describe('probeWebhook', () => {
  test('ends at the first answer of the webhook, whatever came before', async () => {
    const { deps, requests } = world([new ApiUnreachable('connection refused'), failing, unpatched, patched])
    expect(await probeWebhook(settings, deps)).toEqual({ kind: 'answered', attempts: 4 })
    expect(requests).toHaveLength(4)
  })

  test('asks for a dry run of a valid route that selects no pod of the namespace', async () => {
    const { deps, requests } = world([patched])
    await probeWebhook(settings, deps)
    const [request] = requests
    expect(request).toMatchObject({
      method: 'POST',
      path: '/apis/modelroute.dev/v1alpha1/namespaces/modelroute-system/modelroutes?dryRun=All',
      body: { kind: 'ModelRoute', metadata: { name: 'webhook-probe' } },
    })
    expect(modelRouteSpec.safeParse((request?.body as { spec: unknown } | undefined)?.spec).success).toBe(true)
  })

  test.each([
    ['the webhook fails', failing, 'the API server answered 500: failed calling webhook: connection refused'],
    ['nobody calls the webhook', unpatched, 'the API server does not call the webhook yet'],
    ['there is no API server', new ApiUnreachable('reset'), 'the API server does not answer: reset'],
  ])('gives up in time and says why when %s', async (_what, answer, reason) => {
    const { deps, lines } = world([answer])
    expect(await probeWebhook(settings, deps)).toEqual({ kind: 'silent', attempts: 6, reason })
    expect(lines).toEqual([reason])
  })

  test('does not hide a bug', async () => {
    const { deps } = world([new TypeError('a bug')])
    await expect(probeWebhook(settings, deps)).rejects.toThrow('a bug')
  })
})
