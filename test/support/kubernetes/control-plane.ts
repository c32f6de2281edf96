// The two programs that give the API server's objects a life: the controller manager
// (Deployments, Jobs, endpoints, namespaces, service accounts) and the scheduler.
// They run beside the API server, on its address, and serve no port of their own.
import { join } from 'node:path'
import type { ApiServer } from './api-server.ts'
import { startDaemon } from './daemon.ts'
import { kubeconfigFor } from './node-agents.ts'
import type { NodePlace } from './node-namespaces.ts'
import type { StaticUser } from './static-users.ts'

/** In a real cluster each controller has an account of its own; here all share one that may do everything. */
export const controllerUser: StaticUser = { name: 'system:kube-controller-manager', groups: ['system:masters'] }
export const schedulerUser: StaticUser = { name: 'system:kube-scheduler', groups: [] }

export function startControlPlane(place: NodePlace, api: ApiServer): void {
  const { folder, caretaker, binariesFolder } = place
  const run = (name: 'kube-controller-manager' | 'kube-scheduler', user: StaticUser, parameters: readonly string[]) => {
    const kubeconfig = kubeconfigFor({ folder, api }, user)
    const common = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0']
    const command = join(binariesFolder, name)
    return startDaemon({ name, command, parameters: [...common, ...parameters], folder, caretaker })
  }
  run('kube-controller-manager', controllerUser, [
    `--service-account-private-key-file=${api.files.serviceAccount.privateKeyPath}`,
    `--root-ca-file=${api.authority.certificatePath}`,
  ])
  run('kube-scheduler', schedulerUser, [])
}
