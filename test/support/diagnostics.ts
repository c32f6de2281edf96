// What a person would look at when a cluster test failed: pods, events, operator and sidecar logs. Printed once, bounded.
import type { ClusterAccess } from './kubernetes/cluster-access.ts'

const LOG_LINES = 20

export async function printDiagnostics(cluster: ClusterAccess, namespaces: readonly string[]): Promise<void> {
  const show = async (parameters: readonly string[]) => {
    const { stdout, stderr } = await cluster.kubectl(parameters)
    console.error(`$ kubectl ${parameters.join(' ')}\n${stdout}${stderr}`)
  }
  for (const namespace of namespaces) {
    await show(['-n', namespace, 'get', 'pods,jobs,modelroutes,modelproviders', '-o', 'wide'])
    await show(['-n', namespace, 'get', 'events', '--sort-by=.lastTimestamp', '--no-headers'])
    await show(['-n', namespace, 'get', 'modelroutes', '-o', 'jsonpath={range .items[*]}{.status}{"\\n"}{end}'])
    const { stdout } = await cluster.kubectl(['-n', namespace, 'get', 'pods', '-o', 'name'])
    for (const pod of stdout
      .split('\n')
      .filter((name) => name !== '')
      .slice(0, 6)) {
      await show(['-n', namespace, 'logs', pod, '--all-containers', '--prefix', `--tail=${LOG_LINES}`])
    }
  }
}
