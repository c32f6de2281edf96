// Quality of service and the sidecar's share: when a pod counts as Guaranteed, and what then follows.
import { describe, expect, test } from 'vitest'
import { checkResources, chooseResources, GUARANTEED_CPU, isGuaranteed } from '../../../operator/inject/resources.ts'
import { context } from './contexts.ts'

const defaults = context.sidecar.resources
const equal = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1024Mi' } }
const podOf = (...resources: readonly unknown[]) => ({
  spec: { containers: resources.map((one, index) => ({ name: `app-${index}`, resources: one })) },
})
const burstable = podOf({})

describe('isGuaranteed', () => {
  test.each<readonly [string, unknown, boolean]>([
    ['limits equal to requests', podOf(equal), true],
    ['limits alone, which are the requests too', podOf({ limits: { cpu: 1, memory: '1Gi' } }), true],
    ['one container of two without limits', podOf(equal, {}), false],
    ['a request below its limit', podOf({ ...equal, requests: { cpu: '500m', memory: '1Gi' } }), false],
    ['no memory limit', podOf({ limits: { cpu: '1' } }), false],
    ['a limit of nought', podOf({ limits: { cpu: '0', memory: '1Gi' } }), false],
    ['nothing', podOf({}), false],
    ['null', podOf(null), false],
    ['no containers', { spec: {} }, false],
    ['an init container without limits', { spec: { ...podOf(equal).spec, initContainers: [{ name: 'init' }] } }, false],
    ['the pod itself, its containers without', { spec: { ...podOf({}).spec, resources: equal } }, true],
    [
      'the pod itself with less asked for',
      { spec: { ...podOf(equal).spec, resources: { limits: { cpu: '1' } } } },
      false,
    ],
  ])('%s: %#', (_what, pod, expected) => {
    expect(isGuaranteed(pod)).toBe(expected)
  })
})

describe('chooseResources', () => {
  test("takes the operator's defaults, without a CPU limit", () => {
    expect(chooseResources({}, defaults, burstable)).toEqual({
      requests: { cpu: '50m', memory: '96Mi' },
      limits: { memory: '256Mi' },
    })
  })

  test("keeps a CPU limit that the operator's defaults have", () => {
    const limited = { ...defaults, limits: { cpu: '40m', memory: '256Mi' } }
    expect(chooseResources({}, limited, burstable).limits).toEqual({ cpu: '50m', memory: '256Mi' })
  })

  test('raises the memory limit to a larger request and lowers the request to a smaller limit', () => {
    expect(chooseResources({ 'proxy-memory': '1Gi' }, defaults, burstable).limits).toEqual({ memory: '1Gi' })
    const wide = { ...defaults, requests: { cpu: '500m', memory: '128Mi' } }
    expect(chooseResources({ 'proxy-memory-limit': '96Mi', 'proxy-cpu-limit': '100m' }, wide, burstable)).toEqual({
      requests: { cpu: '100m', memory: '96Mi' },
      limits: { cpu: '100m', memory: '96Mi' },
    })
  })

  test('makes limits of the requests in a Guaranteed pod, with CPU to serve bursts', () => {
    const both = { cpu: GUARANTEED_CPU, memory: '256Mi' }
    expect(chooseResources({}, defaults, podOf(equal))).toEqual({ requests: both, limits: both })
    const asked = { cpu: '1', memory: '512Mi' }
    expect(chooseResources({ 'proxy-cpu': '1', 'proxy-memory': '512Mi' }, defaults, podOf(equal))).toEqual({
      requests: asked,
      limits: asked,
    })
  })
})

describe('checkResources', () => {
  const subject = { kind: 'Pod', namespace: 'shop', name: 'chat' } as const
  const chosen = (cpu: string) => ({ requests: { cpu, memory: '96Mi' }, limits: { cpu: '100m', memory: '96Mi' } })

  test.each([
    ['100m', burstable, []],
    ['101m', burstable, ['RequestAboveLimit']],
    ['99m', burstable, []],
    ['99m', podOf(equal), ['NoLongerGuaranteed']],
    ['100m', podOf(equal), []],
    ['101m', podOf(equal), ['RequestAboveLimit']],
  ])('%s of 100m: %#', (cpu, pod, reasons) => {
    expect(checkResources(chosen(cpu), pod, subject).map(({ reason }) => reason)).toEqual(reasons)
  })
})
