// Chooses how to get a cluster:
//   kind where a Docker engine answers; else a node of our own (root on Linux with containerd).
// Neither possible: the reasons and the commands that would help, for a loud skip (or a failure on CI).
import type { ClusterProvider } from './cluster.ts'
import { kindCluster } from './kind-cluster.ts'
import { nodeCluster } from './node-cluster.ts'

export type ClusterChoice =
  | { readonly kind: 'possible'; readonly provider: ClusterProvider }
  | { readonly kind: 'impossible'; readonly explanation: string }

/** `MODELROUTE_CLUSTER=kind` or `=node` leaves no choice. */
export async function pickCluster(environment: NodeJS.ProcessEnv = process.env): Promise<ClusterChoice> {
  const wanted = environment['MODELROUTE_CLUSTER']
  const reasons: string[] = []
  for (const provider of [kindCluster, nodeCluster]) {
    if (wanted && provider.name !== wanted) continue
    const obstacle = await provider.findObstacle()
    if (!obstacle) return { kind: 'possible', provider }
    reasons.push(`  ${provider.name}: ${obstacle.reason}\n    to change that: ${obstacle.remedy}`)
  }
  const explanation = `No Kubernetes cluster can be started on this machine.\n${reasons.join('\n')}`
  return { kind: 'impossible', explanation }
}
