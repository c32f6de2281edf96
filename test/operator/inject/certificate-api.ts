// As much of the API server as certificates need: one Secret with resourceVersion preconditions, one webhook
// configuration with JSON patches. The real one is asked in test/api.
import { type ApiRequest, type ApiResponse, ApiUnreachable, type KubeApi } from '../../../operator/kube/api.ts'

interface SecretPatch {
  readonly metadata: { readonly resourceVersion: string }
  readonly data: Readonly<Record<string, string | null>>
}

interface Webhook {
  readonly name: string
  readonly clientConfig: { caBundle?: string }
}

const newWebhooks = (): Webhook[] =>
  ['pods.modelroute.dev', 'workloads.modelroute.dev'].map((name) => ({ name, clientConfig: {} }))

export class CertificateApi implements KubeApi {
  isAway = false
  isSecretMissing = false
  secretWrites = 0
  conflicts = 0
  writes = 0
  #version = 1
  #data: Record<string, string> = {}
  #webhooks = newWebhooks()

  secretText(key: string): string {
    return Buffer.from(this.#data[key] ?? '', 'base64').toString('utf8')
  }

  caBundles(): readonly string[] {
    return this.#webhooks.map((webhook) => Buffer.from(webhook.clientConfig.caBundle ?? '', 'base64').toString('utf8'))
  }

  replaceSecretData(data: Record<string, string>): void {
    this.#data = data
    this.#version += 1
  }

  replaceConfiguration(): void {
    this.#webhooks = newWebhooks()
  }

  openLines(): Promise<never> {
    return Promise.reject(new Error('Certificates open no watch.'))
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    // A real answer never comes in the same turn; two replicas interleave here.
    await Promise.resolve()
    if (this.isAway) throw new ApiUnreachable('connection refused')
    if (request.method === 'PATCH') this.writes += 1
    if (request.path.endsWith('/namespaces/modelroute-system/secrets/modelroute-ca')) return this.#secret(request)
    if (request.path.endsWith('/mutatingwebhookconfigurations/modelroute')) return this.#configuration(request)
    return { status: 404, body: { message: `no ${request.path}` } }
  }

  #secret(request: ApiRequest): ApiResponse {
    if (this.isSecretMissing) return { status: 404, body: { message: 'secrets "modelroute-ca" not found' } }
    if (request.method === 'PATCH') {
      const patch = request.body as SecretPatch
      if (patch.metadata.resourceVersion !== String(this.#version)) {
        this.conflicts += 1
        return { status: 409, body: { message: 'the object has been modified' } }
      }
      this.secretWrites += 1
      this.#version += 1
      const entries = Object.entries({ ...this.#data, ...patch.data })
      this.#data = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null))
    }
    return { status: 200, body: { metadata: { resourceVersion: String(this.#version) }, data: this.#data } }
  }

  #configuration(request: ApiRequest): ApiResponse {
    if (request.method === 'PATCH') {
      const operations = request.body as { op: string; path: string; value: string }[]
      for (const { op, path, value } of operations) {
        const webhook = this.#webhooks[Number(path.split('/')[2])]
        if (webhook === undefined || (op === 'test' && webhook.name !== value)) return { status: 422, body: {} }
        if (op === 'add') webhook.clientConfig.caBundle = value
      }
    }
    return { status: 200, body: { webhooks: structuredClone(this.#webhooks) } }
  }
}
