// Another vendor's webhook, after ours in the alphabet: it puts an init container of its own in front of all others.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createLocalCertificates } from '../../operator/inject/serving-certificates.ts'
import type { ApiAccess } from './kubernetes/api-access.ts'

const name = 'zz-vault'

interface Review {
  readonly request: {
    readonly uid: string
    readonly object: { readonly spec: { readonly initContainers?: unknown[] } }
  }
}

export async function startVaultWebhook(api: ApiAccess): Promise<{ stop(): Promise<void> }> {
  const certificates = await createLocalCertificates({ names: ['127.0.0.1'], nowMs: Date.now() })
  const server = createServer(certificates.secureContextOptions(), (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(parts).toString('utf8')) as Review
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(review)))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await api.mustKubectl(['create', '-f', '-'], { stdin: JSON.stringify(configuration(port, certificates.caPem())) })
  return {
    stop: async () => {
      await api.mustKubectl(['delete', 'mutatingwebhookconfiguration', name])
      server.closeAllConnections()
      server.close()
    },
  }
}

function answer({ request }: Review): object {
  const present = request.object.spec.initContainers ?? []
  const value = { name: 'vault-agent-init', image: 'vault' }
  const isThere = present.some((container) => (container as { name?: string }).name === value.name)
  const patch = isThere ? [] : [{ op: 'add', path: '/spec/initContainers/0', value }]
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64')
  const response = { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch: encoded }
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}

function configuration(port: number, caPem: string): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'vault.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(caPem).toString('base64') },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        matchConditions: [{ name: 'one-pod', expression: "object.metadata.name == 'two-webhooks'" }],
      },
    ],
  }
}
