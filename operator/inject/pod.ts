// One pod through the injector, in order: facts -> decide -> settings -> plan -> patch. Pure: the same pod and context
// give the same answer, so a dry run needs no special care.
import type { Finding, Subject } from '../finding.ts'
import { decide, type Reason } from './decide.ts'
import { planEnvironment } from './environment.ts'
import { type Asker, gatherFacts } from './facts.ts'
import { textAt, textsAt } from './json.ts'
import type { PatchOperation } from './json-patch.ts'
import { injectionPatch, keepPatch, type Marks } from './patch.ts'
import { checkPlan } from './plan-check.ts'
import { readSettings } from './settings.ts'
import { planSidecar, type SidecarDefaults } from './sidecar.ts'

export interface InjectionContext {
  readonly sidecar: SidecarDefaults
  /** kube-system and the operator's own: their pods never wait for us. */
  readonly protectedNamespaces: readonly string[]
  readonly marks: Marks
}

export interface Asked {
  readonly asker: Asker
  /** The request's; the pod itself may not carry one yet. */
  readonly namespace: string
}

export type Verdict = 'inject' | 'keep' | 'skip' | 'refuse'

/** An admission in the webhook's own words; review.ts writes it as AdmissionReview. */
export interface Admission {
  readonly verdict: Verdict
  readonly reason: Reason | 'InvalidSettings'
  readonly operations: readonly PatchOperation[]
  readonly findings: readonly Finding[]
}

export function admitPod(pod: unknown, asked: Asked, context: InjectionContext): Admission {
  const subject = podSubject(pod, asked.namespace)
  const { settings, findings: read } = readSettings(textsAt(pod, 'metadata', 'annotations'), subject)
  const sidecar = planSidecar(settings, context.sidecar, pod)
  const decision = decide(gatherFacts(pod, asked), {
    subject,
    protectedNamespaces: context.protectedNamespaces,
    ports: [sidecar.port, sidecar.adminPort],
  })
  const { verdict, reason } = decision
  if (verdict === 'skip') return { verdict, reason, operations: [], findings: decision.findings }
  if (verdict === 'keep') return { verdict, reason, operations: keepPatch(pod, context.marks), findings: [] }

  const environment = planEnvironment({
    pod,
    settings,
    port: sidecar.port,
    dialects: context.sidecar.dialects,
    subject,
  })
  const findings = [
    ...decision.findings,
    ...read,
    ...environment.findings,
    ...checkPlan({ settings, sidecar, pod, subject }),
  ]
  if (verdict === 'refuse') return { verdict, reason, operations: [], findings }
  if (findings.some((finding) => finding.severity === 'error')) {
    return { verdict: 'refuse', reason: 'InvalidSettings', operations: [], findings }
  }
  const plan = { sidecar, variables: environment.containers, marks: context.marks }
  return { verdict, reason, operations: injectionPatch(pod, plan), findings }
}

/** A pod of a controller has no name yet, only the beginning of one. */
function podSubject(pod: unknown, namespace: string): Subject {
  const name = textAt(pod, 'metadata', 'name') || `${textAt(pod, 'metadata', 'generateName')}*`
  return { kind: 'Pod', namespace, name }
}
