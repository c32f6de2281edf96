// Whether a pod gets the sidecar: facts -> every reason as a code -> one verdict, with a sentence for each reason.
// The codes feed the log, the metric and the admission answer. Pure.
//
//   who asks             | the pod is                                  | verdict
//   ---------------------|---------------------------------------------|------------------------------------------
//   anybody              | in a protected namespace, or a mirror pod   | skip
//   anybody              | opted out with "false"                      | skip
//   nobody               | anything                                    | skip
//   anybody              | injected already                            | keep (its place and authorities are put right)
//   pod or its workload  | unable to have it, or names collide         | refuse: without it the call would leave unseen
//   only its namespace   | unable to have it, or names collide         | skip with a warning: it never asked
//   pod or namespace     | anything else                               | inject
//
// An annotation of the wrong form refuses where the verdict would be inject; settings.ts finds those.
import type { Finding, Subject } from '../finding.ts'
import type { PodFacts } from './facts.ts'
import { INJECT, SIDECAR } from './names.ts'

export type SkipReason = 'ProtectedNamespace' | 'MirrorPod' | 'OptedOut' | 'NotAsked'
export type Obstacle =
  | 'HostNetwork'
  | 'HostProcesses'
  | 'SharedProcesses'
  | 'Windows'
  | 'ContainerNameTaken'
  | 'VolumeNameTaken'
  | 'PortTaken'
export type Reason = SkipReason | Obstacle | 'AlreadyInjected' | 'Asked'

export type Decision =
  | {
      readonly verdict: 'inject' | 'keep'
      readonly reason: 'Asked' | 'AlreadyInjected'
      readonly findings: readonly []
    }
  | { readonly verdict: 'skip' | 'refuse'; readonly reason: Reason; readonly findings: readonly Finding[] }

export interface DecisionContext {
  readonly subject: Subject
  readonly protectedNamespaces: readonly string[]
  /** The ports the sidecar of this pod will listen on. */
  readonly ports: readonly number[]
}

export function decide(facts: PodFacts, context: DecisionContext): Decision {
  const skip = skipReason(facts, context)
  if (skip !== null) return { verdict: 'skip', reason: skip, findings: [] }
  if (facts.isInjected) return { verdict: 'keep', reason: 'AlreadyInjected', findings: [] }
  const obstacles = findObstacles(facts, context.ports)
  const first = obstacles[0]
  if (first === undefined) return { verdict: 'inject', reason: 'Asked', findings: [] }
  const isOwnWish = facts.ownAnswer !== null
  const severity = isOwnWish ? 'error' : 'warning'
  const findings = obstacles.map((obstacle) => toFinding(obstacle, context.subject, severity))
  return { verdict: isOwnWish ? 'refuse' : 'skip', reason: first.reason, findings }
}

function skipReason(facts: PodFacts, context: DecisionContext): SkipReason | null {
  if (context.protectedNamespaces.includes(facts.namespace)) return 'ProtectedNamespace'
  if (facts.isMirror) return 'MirrorPod'
  if (facts.ownAnswer === 'false') return 'OptedOut'
  return facts.ownAnswer === null && facts.asker === 'pod' ? 'NotAsked' : null
}

interface FoundObstacle {
  readonly reason: Obstacle
  readonly path: string
  readonly sentence: string
}

function findObstacles(facts: PodFacts, ports: readonly number[]): readonly FoundObstacle[] {
  const found: (FoundObstacle | false)[] = [
    facts.isOnHostNetwork && {
      reason: 'HostNetwork',
      path: 'spec.hostNetwork',
      sentence: 'no sidecar with hostNetwork: the whole node could use its keys',
    },
    facts.isInHostProcesses && {
      reason: 'HostProcesses',
      path: 'spec.hostPID',
      sentence: 'no sidecar with hostPID: the keys in its memory would be readable',
    },
    facts.sharesProcesses && {
      reason: 'SharedProcesses',
      path: 'spec.shareProcessNamespace',
      sentence: 'no sidecar with shareProcessNamespace: the keys in its memory would be readable',
    },
    facts.isWindows && {
      reason: 'Windows',
      path: 'spec.os.name',
      sentence: 'no sidecar on Windows: its image is for Linux',
    },
    facts.takenContainers.length > 0 && {
      reason: 'ContainerNameTaken',
      path: 'spec.containers',
      sentence: `the container name ${SIDECAR} is taken; rename that container`,
    },
  ]
  return [...found.filter((obstacle) => obstacle !== false), ...takenVolumes(facts), ...takenPorts(facts, ports)]
}

function takenVolumes(facts: PodFacts): readonly FoundObstacle[] {
  return facts.takenVolumes.map((name) => ({
    reason: 'VolumeNameTaken',
    path: 'spec.volumes',
    sentence: `the volume name ${name} is taken; rename that volume`,
  }))
}

function takenPorts(facts: PodFacts, ports: readonly number[]): readonly FoundObstacle[] {
  return facts.declaredPorts
    .filter((declared) => ports.includes(declared.port))
    .map(({ container, port }) => ({
      reason: 'PortTaken',
      path: `spec.containers[name=${container}].ports`,
      sentence: `container ${container} has port ${port}; set modelroute.dev/${settingOf(port, ports)} to a free one`,
    }))
}

function settingOf(port: number, ports: readonly number[]): string {
  return ports.indexOf(port) === 0 ? 'port' : 'admin-port'
}

function toFinding(obstacle: FoundObstacle, subject: Subject, severity: Finding['severity']): Finding {
  const { reason, path, sentence } = obstacle
  const hint = severity === 'error' ? '' : ` (${INJECT}=false silences this)`
  return { subject, path, reason, message: `modelroute: ${sentence}${hint}.`, severity }
}
