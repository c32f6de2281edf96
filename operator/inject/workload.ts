// One workload through the injector: copy its annotations to the pod template, then look at that template with the
// pod's own rules, because this is where a person is listening: what a ReplicaSet's pods are told nobody reads.
//
//   a setting that cannot be understood: refused while it is being written, else a warning, so that controllers can go
//   on updating an object that got its mistake before the webhook was there. Everything else is a warning.
import type { Finding, Subject } from '../finding.ts'
import { textsAt } from './json.ts'
import type { PatchOperation } from './json-patch.ts'
import { INJECT } from './names.ts'
import { admitPod, type InjectionContext } from './pod.ts'
import { readSettings } from './settings.ts'
import { copyToTemplate, type WorkloadRequest } from './template.ts'

export interface WorkloadAdmission {
  readonly verdict: 'copy' | 'skip' | 'refuse'
  readonly reason: 'TemplateChanged' | 'NothingToCopy' | 'InvalidSettings'
  readonly operations: readonly PatchOperation[]
  readonly findings: readonly Finding[]
}

export interface NamedWorkload extends WorkloadRequest {
  readonly namespace: string
  readonly name: string
}

export function admitWorkload(request: NamedWorkload, context: InjectionContext): WorkloadAdmission {
  const subject: Subject = { kind: 'Workload', namespace: request.namespace, name: request.name }
  const change = copyToTemplate(request, subject)
  if (change === null) return { verdict: 'skip', reason: 'NothingToCopy', operations: [], findings: [] }
  const annotations = textsAt(request.object, 'metadata', 'annotations')
  const isBeingWritten = (key: string) =>
    textsAt(request.oldObject, 'metadata', 'annotations')[key] !== annotations[key]
  const own = readSettings(annotations, subject).findings.map((finding) =>
    isBeingWritten(finding.path) ? finding : asWarning(finding),
  )
  if (own.some((finding) => finding.severity === 'error')) {
    return { verdict: 'refuse', reason: 'InvalidSettings', operations: [], findings: own }
  }
  const later = Object.hasOwn(textsAt(change.pod, 'metadata', 'annotations'), INJECT)
    ? admitPod(change.pod, { asker: 'pod', namespace: request.namespace }, context).findings
    : []
  const findings = unique([...later.map(asWarning), ...change.findings, ...own])
  const isChanged = change.operations.length > 0
  return {
    verdict: isChanged ? 'copy' : 'skip',
    reason: isChanged ? 'TemplateChanged' : 'NothingToCopy',
    operations: change.operations,
    findings,
  }
}

/** For a workload a refusal of its pods is news from the future. */
function asWarning(finding: Finding): Finding {
  if (finding.severity === 'warning') return finding
  return { ...finding, severity: 'warning', message: `Its pods will be refused: ${finding.message}` }
}

function unique(findings: readonly Finding[]): readonly Finding[] {
  const byPlace = new Map(findings.map((finding) => [`${finding.path} ${finding.reason}`, finding]))
  return [...byPlace.values()]
}
