// The webhook through its front door: real TLS sockets, real AdmissionReviews, strange input of all kinds.
import { once } from 'node:events'
import { Agent, request as httpsRequest } from 'node:https'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BodyTooLarge, createBodyReader, MAX_BODY_BYTES } from '../../../operator/inject/body.ts'
import { createAuthority, issueLeaf } from '../../../operator/inject/certificate.ts'
import { ROUTES } from '../../../operator/inject/routes.ts'
import { type Certificates, createLocalCertificates } from '../../../operator/inject/serving-certificates.ts'
import { startWebhook, type Webhook } from '../../../operator/inject/webhook.ts'
import { applyJsonPatch, type Operation } from '../../support/apply-json-patch.ts'
import { context } from './contexts.ts'

interface Line {
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

interface ReviewResponse {
  readonly uid: string
  readonly allowed: boolean
  readonly patch?: string
  readonly patchType?: string
  readonly warnings?: readonly string[]
  readonly status?: { readonly code: number; readonly message: string }
}

const certificates = await createLocalCertificates({ names: ['127.0.0.1'], nowMs: Date.now() })
let webhook: Webhook
let registry: Registry
let lines: Line[]

async function start(chosen: Certificates): Promise<Webhook> {
  registry = new Registry()
  lines = []
  const log = (fields: object, message: string) => void lines.push({ fields: { ...fields }, message })
  return startWebhook(
    {
      certificates: chosen,
      sidecar: context.sidecar,
      protectedNamespaces: context.protectedNamespaces,
      version: '1.0.0',
      monotonicMs: () => performance.now(),
      logger: { debug: log, info: log, warn: log, error: log },
      registry,
    },
    { host: '127.0.0.1', port: 0 },
  )
}

beforeEach(async () => {
  webhook = await start(certificates)
})
afterEach(() => webhook.stop())

interface Sent {
  readonly path: string
  readonly method?: string
  readonly body: string | Buffer
  readonly headers?: Record<string, string>
}

async function send({ path, method = 'POST', body, headers = {} }: Sent): Promise<{ status: number; text: string }> {
  const outgoing = httpsRequest({
    host: '127.0.0.1',
    port: webhook.port,
    path,
    method,
    ca: certificates.caPem(),
    agent: false,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
  })
  outgoing.end(body)
  const [incoming] = await once(outgoing, 'response')
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  return { status: incoming.statusCode as number, text: Buffer.concat(parts).toString('utf8') }
}

async function review(path: string, request: object): Promise<ReviewResponse> {
  const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'u-1', ...request } }
  const { status, text } = await send({ path, body: JSON.stringify(body) })
  expect(status).toBe(200)
  const answer = JSON.parse(text) as { apiVersion: string; kind: string; response: ReviewResponse }
  expect(answer).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'u-1' } })
  return answer.response
}

const operationsOf = (response: ReviewResponse) =>
  JSON.parse(Buffer.from(response.patch ?? 'W10=', 'base64').toString('utf8')) as readonly Operation[]
const anyPod = (annotations: object, spec: object = {}) => ({
  metadata: { generateName: 'chat-', annotations },
  spec: { containers: [{ name: 'app', image: 'chat:1' }], ...spec },
})
const creation = (object: object, more: object = {}) => ({
  kind: { group: '', version: 'v1', kind: 'Pod' },
  operation: 'CREATE',
  namespace: 'shop',
  object,
  ...more,
})
const asks = { 'modelroute.dev/inject': 'true' }

describe('an AdmissionReview', () => {
  test('of a pod that asks comes back allowed, with a JSON patch', async () => {
    const pod = anyPod(asks)
    const response = await review('/inject', creation(pod))
    expect(response).toMatchObject({ allowed: true, patchType: 'JSONPatch' })
    expect(applyJsonPatch(pod, operationsOf(response))).toMatchObject({
      metadata: {
        labels: { 'modelroute.dev/proxy': 'v1' },
        annotations: { 'modelroute.dev/operator-ca': certificates.caPem() },
      },
      spec: { initContainers: [{ name: 'modelroute-proxy', restartPolicy: 'Always' }] },
    })
  })

  test('of a pod that cannot have the sidecar is denied with a sentence for each reason', async () => {
    const response = await review('/inject', creation(anyPod(asks, { hostNetwork: true, hostPID: true })))
    expect(response).toMatchObject({ allowed: false, status: { code: 422 } })
    expect(response.status?.message).toBe(
      'modelroute: no sidecar with hostNetwork: the whole node could use its keys. ' +
        'modelroute: no sidecar with hostPID: the keys in its memory would be readable.',
    )
    expect(response).not.toHaveProperty('patch')
  })

  test('of a pod of a labelled namespace is injected too, and a pod that cannot have it is let through with a warning', async () => {
    expect(operationsOf(await review('/inject-namespace', creation(anyPod({})))).length).toBeGreaterThan(0)
    const response = await review('/inject-namespace', creation(anyPod({}, { hostNetwork: true })))
    expect(response).toMatchObject({ allowed: true, warnings: [expect.stringContaining('hostNetwork')] })
    expect(response).not.toHaveProperty('patch')
  })

  test('of an annotated Deployment copies the annotation to its template', async () => {
    const object = { metadata: { name: 'chat', annotations: asks }, spec: { template: anyPod({ a: 'b' }) } }
    const request = { kind: { kind: 'Deployment' }, operation: 'UPDATE', namespace: 'shop', object, oldObject: object }
    expect(operationsOf(await review('/template', request))).toEqual([
      { op: 'add', path: '/spec/template/metadata/annotations/modelroute.dev~1inject', value: 'true' },
      { op: 'add', path: '/spec/template/metadata/annotations/modelroute.dev~1copied', value: 'modelroute.dev/inject' },
    ])
  })

  test('of the probe is marked on a dry run, and only then', async () => {
    const object = { metadata: { name: 'webhook-probe' }, spec: {} }
    const request = { kind: { kind: 'ModelRoute' }, operation: 'CREATE', namespace: 'modelroute-system', object }
    expect(operationsOf(await review('/probe', { ...request, dryRun: true }))).toEqual([
      { op: 'add', path: '/metadata/annotations', value: { 'modelroute.dev/webhook-probe': 'answered' } },
    ])
    expect(await review('/probe', request)).toEqual({ uid: 'u-1', allowed: true })
  })

  test.each([
    ['an update (case 27)', { operation: 'UPDATE' }],
    ['an ephemeral container (case 27)', { subResource: 'ephemeralcontainers' }],
    ['another kind', { kind: { kind: 'Secret' } }],
  ])('of %s is allowed and left alone', async (_sentence, more) => {
    expect(await review('/inject', creation(anyPod(asks), more))).toEqual({ uid: 'u-1', allowed: true })
  })

  test('gets the same answer on a dry run (case 27)', async () => {
    const pod = anyPod(asks)
    const [real, dry] = [
      await review('/inject', creation(pod)),
      await review('/inject', creation(pod, { dryRun: true })),
    ]
    expect(dry).toEqual(real)
  })

  test('of 2.5 MB of managedFields is answered (case 26)', async () => {
    const managedFields = [{ manager: 'kubectl', fieldsV1: { 'f:spec': 'x'.repeat(2_500_000) } }]
    const pod = anyPod(asks)
    const response = await review('/inject', creation({ ...pod, metadata: { ...pod.metadata, managedFields } }))
    expect(response).toMatchObject({ allowed: true, patchType: 'JSONPatch' })
  })
})

describe('what is no AdmissionReview', () => {
  test.each([
    ['another path', { path: '/mutate', body: '{}' }, 404, 'There is no /mutate here.'],
    ['another method', { path: '/inject', method: 'PUT', body: '{}' }, 405, 'sent by POST'],
    ['no JSON', { path: '/inject', body: 'hello' }, 400, 'no admission.k8s.io/v1 AdmissionReview'],
    ['an older version', { path: '/inject', body: '{"apiVersion":"admission.k8s.io/v1beta1"}' }, 400, 'no admission'],
    ['no uid', { path: '/inject', body: '{"apiVersion":"admission.k8s.io/v1","request":{}}' }, 400, 'with a uid'],
    [
      'too large a body',
      { path: '/inject', body: 'x'.repeat(MAX_BODY_BYTES + 1) },
      413,
      `larger than the ${MAX_BODY_BYTES}`,
    ],
  ])('%s is answered with its status and a sentence', async (_sentence, sent, status, sentence) => {
    const answer = await send(sent)
    expect(answer).toMatchObject({ status, text: expect.stringContaining(sentence) })
    // And the next review is answered as ever.
    expect((await review('/inject', creation(anyPod(asks)))).allowed).toBe(true)
  })

  test('a body as large as the limit is read', async () => {
    const body = Buffer.alloc(MAX_BODY_BYTES, ' ')
    expect((await send({ path: '/inject', body })).status).toBe(400)
  })

  test('a chunked body over the limit is refused while it comes', async () => {
    const read = createBodyReader({ maxBytes: 10, maxInFlightBytes: 100 })
    await expect(read(streamOf(['12345', '67890', '1']))).rejects.toMatchObject({ status: 413 })
    expect(String(await read(streamOf(['12345', '67890'])))).toBe('1234567890')
  })

  test('all bodies together are bounded, and the bound is given back', async () => {
    const read = createBodyReader({ maxBytes: 10, maxInFlightBytes: 12 })
    const open = Promise.withResolvers<void>()
    const slow = read(streamOf(['12345678'], open.promise))
    await expect(read(streamOf(['12345678']))).rejects.toThrow(BodyTooLarge)
    open.resolve()
    await slow
    expect(String(await read(streamOf(['12345678'])))).toBe('12345678')
  })

  test('never makes a route throw, whatever the object is', () => {
    const word = fc.constantFrom(
      'metadata',
      'annotations',
      'spec',
      'initContainers',
      'containers',
      'env',
      'name',
      'template',
    )
    const object = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 6 },
        fc.jsonValue(),
        fc.dictionary(fc.oneof(word, fc.constant('modelroute.dev/inject')), tie('any'), { maxKeys: 6 }),
        fc.array(tie('any'), { maxLength: 4 }),
      ),
    })).any
    const kinds = fc.constantFrom('Pod', 'Deployment', 'Job', 'CronJob', '__proto__')
    const operations = fc.constantFrom('CREATE', 'UPDATE')
    fc.assert(
      fc.property(object, object, kinds, operations, (value, oldObject, kind, operation) => {
        const request = {
          uid: 'u',
          subResource: '',
          namespace: 'n',
          name: '',
          isDryRun: true,
          object: value,
          oldObject,
        }
        for (const route of ROUTES.values()) {
          const answer = route({ ...request, kind, operation }, context)
          // A patch that the API server could not apply would hold back the pod like an exception.
          expect(applyJsonPatch(value, answer.operations)).toBeDefined()
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('running it', () => {
  test('logs one line and counts one admission for each decision', async () => {
    await review('/inject', creation(anyPod({ 'modelroute.dev/inject': 'yes' })))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      message: 'admission',
      fields: {
        path: '/inject',
        verdict: 'refuse',
        reason: 'InvalidSettings',
        namespace: 'shop',
        name: 'chat-',
        uid: 'u-1',
      },
    })
    const text = await registry.metrics()
    expect(text).toContain(
      'modelroute_operator_admissions_total{path="/inject",verdict="refuse",reason="InvalidSettings"} 1',
    )
    expect(text).toContain('modelroute_operator_admission_seconds_count{path="/inject"} 1')
    expect(text).toMatch(/modelroute_operator_certificate_not_after_seconds\{certificate="leaf"\} \d{10}/)
  })

  test('refuses TLS 1.2', async () => {
    const socket = connect({ host: '127.0.0.1', port: webhook.port, ca: certificates.caPem(), maxVersion: 'TLSv1.2' })
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toMatch(/PROTOCOL_VERSION/)
  })

  test('takes over a new certificate without losing the connections it has', async () => {
    await webhook.stop()
    const rotating = await createRotatingCertificates()
    webhook = await start(rotating)
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: rotating.caPem() })
    const ask = async (chosen: Agent): Promise<string> => {
      const outgoing = httpsRequest({ host: '127.0.0.1', port: webhook.port, path: '/none', agent: chosen })
      outgoing.end()
      const [incoming] = await once(outgoing, 'response')
      const { serialNumber } = incoming.socket.getPeerCertificate() as { serialNumber: string }
      incoming.resume()
      await once(incoming, 'end')
      return serialNumber
    }
    const before = await ask(agent)
    await rotating.rotate()
    expect(await ask(new Agent({ ca: rotating.caPem() }))).not.toBe(before)
    agent.destroy()
  })
})

async function* chunks(parts: readonly string[], hold?: Promise<void>): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part)
  await hold
}

/** As much of an IncomingMessage as the reader uses. */
function streamOf(parts: readonly string[], hold?: Promise<void>): Parameters<ReturnType<typeof createBodyReader>>[0] {
  const stream = { headers: {}, iterator: () => chunks(parts, hold) }
  return stream as unknown as Parameters<ReturnType<typeof createBodyReader>>[0]
}

async function createRotatingCertificates(): Promise<Certificates & { rotate(): Promise<void> }> {
  const authority = await createAuthority({ nowMs: Date.now() })
  const issue = () => issueLeaf(authority, { nowMs: Date.now(), names: ['127.0.0.1'] })
  const listeners = new Set<() => void>()
  let leaf = await issue()
  return {
    caPem: () => authority.pem,
    secureContextOptions: () => ({ cert: leaf.pem, key: leaf.key.reveal() }),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => undefined,
    rotate: async () => {
      leaf = await issue()
      for (const listener of listeners) listener()
    },
  }
}
