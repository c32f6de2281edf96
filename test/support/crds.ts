// Installs the generated CRDs in a test's API server and waits until it serves them.
// Every test file that needs them may call it: applying them again changes nothing.
import { fileURLToPath } from 'node:url'
import type { ApiAccess } from './kubernetes/api-access.ts'

const files = ['modelroutes', 'modelproviders'].map((plural) =>
  fileURLToPath(new URL(`../../crds/modelroute.dev_${plural}.yaml`, import.meta.url)),
)

export async function installCrds(api: ApiAccess): Promise<void> {
  await api.mustKubectl(['apply', '--server-side', ...files.flatMap((file) => ['-f', file])])
  await api.mustKubectl([
    'wait',
    '--for=condition=Established',
    '--timeout=30s',
    ...files.flatMap((file) => ['-f', file]),
  ])
}
