// What only shows when settings, defaults and pod are seen together: an ordered list of named pure checks, each giving
// Findings. An error keeps the sidecar out; a warning goes to whoever created the pod.
import type { Finding, Subject } from '../finding.ts'
import { textAt } from './json.ts'
import { checkResources } from './resources.ts'
import type { Settings } from './settings.ts'
import { graceSeconds, type SidecarPlan } from './sidecar.ts'

export interface PlanInputs {
  readonly settings: Settings
  readonly sidecar: SidecarPlan
  readonly pod: unknown
  readonly subject: Subject
}

const checks: readonly ((inputs: PlanInputs) => readonly Finding[])[] = [
  portsDiffer,
  ({ sidecar, pod, subject }) => checkResources(sidecar.resources, pod, subject),
  drainFitsGrace,
  clusterNamesResolve,
]

export function checkPlan(inputs: PlanInputs): readonly Finding[] {
  return checks.flatMap((check) => check(inputs))
}

function portsDiffer({ sidecar, subject }: PlanInputs): readonly Finding[] {
  if (sidecar.port !== sidecar.adminPort) return []
  const message = `modelroute.dev/port and modelroute.dev/admin-port are both ${sidecar.port}; they must differ.`
  return [{ subject, path: 'modelroute.dev/admin-port', reason: 'PortsEqual', message, severity: 'error' }]
}

function drainFitsGrace({ settings, pod, subject }: PlanInputs): readonly Finding[] {
  const drain = settings['drain-seconds']
  const grace = graceSeconds(pod)
  if (drain === undefined || drain <= grace) return []
  const message = `modelroute.dev/drain-seconds is ${drain}, but the pod is killed after ${grace} s (grace period).`
  return [{ subject, path: 'modelroute.dev/drain-seconds', reason: 'DrainAboveGrace', message, severity: 'warning' }]
}

/** The sidecar finds the operator by its Service's name. */
function clusterNamesResolve({ pod, subject }: PlanInputs): readonly Finding[] {
  const policy = textAt(pod, 'spec', 'dnsPolicy')
  if (policy !== 'Default' && policy !== 'None') return []
  const message = `dnsPolicy ${policy}: unless the sidecar can resolve the operator's Service, it gets no table.`
  return [{ subject, path: 'spec.dnsPolicy', reason: 'DnsPolicy', message, severity: 'warning' }]
}
