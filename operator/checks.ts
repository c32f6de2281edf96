// Every rule that needs more than one object to judge, as an ordered list of named pure checks. What a check finds is
// shown in status and never stops the operator; shapes are the schema's job, rules within one object are CEL's.
//
//   NamespaceInputs + PodGroup[] -> check -> Finding[] -> status.ts
import { notesOnAliases, notesOnAuto } from './findings/alias-notes.ts'
import { isStale } from './authorities.ts'
import { notesOnCanary } from './rules/canary.ts'
import { notesOnBatch } from './rules/batch.ts'
import { notesOnDeferred } from './rules/deferred.ts'
import { isHedgeTooLate } from './rules/failover.ts'
import { type Finding, type Subject, subjectOf } from './finding.ts'
import type { NamespaceInputs } from './gather.ts'
import { orderRoutes, type PodGroup } from './groups.ts'
import { resolveRedaction } from './redaction/to-redaction.ts'
import { referencedProviders } from './referenced.ts'
import { notesOnMatch } from './findings/match-notes.ts'
import { overlappingRoutes } from './findings/overlaps.ts'
import { type Problem, resolveProvider } from './resolve.ts'
import { selects } from './selector.ts'
import { shadowedRules } from './findings/shadowed-rules.ts'
import { notesOnSharedCaches } from './rules/shared-cache.ts'
import { notesOnStrategy } from './rules/strategy.ts'
import { outOfRangeTimeouts } from './rules/timeouts.ts'

interface Check {
  readonly name: string
  readonly find: (inputs: NamespaceInputs, groups: readonly PodGroup[]) => readonly Finding[]
}

export const CHECKS: readonly Check[] = [
  { name: 'every spec can be read', find: unreadableSpecs },
  { name: 'every provider has its key', find: brokenProviders },
  { name: 'every backend names a provider that can be used', find: brokenReferences },
  { name: 'every redaction can mask what it should', find: brokenRedactions },
  { name: 'every timeout is one that a proxy can keep', find: oddTimeouts },
  { name: 'every hedge comes before the timeout', find: lateHedges },
  { name: 'every strategy has what it needs', find: oddStrategies },
  { name: 'every alias is one that calls can mean', find: oddAliases },
  { name: 'every batch can come about', find: idleBatches },
  { name: 'every deferred call has a way', find: idleDeferrals },
  { name: 'every shared cache is there', find: notesOnSharedCaches },
  { name: 'every match is one that calls can meet', find: oddMatches },
  { name: 'no rule is shadowed by an earlier one', find: shadowedRules },
  { name: 'no two routes want the same calls by accident', find: (_, groups) => overlappingRoutes(groups) },
  { name: 'every route selects a pod', find: routesWithoutPods },
  { name: 'every pod trusts an authority that is in use', find: stalePods },
]

export function check(inputs: NamespaceInputs, groups: readonly PodGroup[]): readonly Finding[] {
  return CHECKS.flatMap(({ find }) => find(inputs, groups))
}

function unreadableSpecs({ routes, providers }: NamespaceInputs): Finding[] {
  const routeFaults = routes.flatMap(({ resource, spec }) =>
    resource.faults.map((fault) => unreadable(subjectOf('ModelRoute', resource), { ...fault, hasLastGood: !!spec })),
  )
  const providerFaults = [...providers.values()].flatMap(({ resource, spec }) =>
    resource.faults.map((fault) => unreadable(subjectOf('ModelProvider', resource), { ...fault, hasLastGood: !!spec })),
  )
  return [...routeFaults, ...providerFaults]
}

function unreadable(subject: Subject, fault: { path: string; message: string; hasLastGood: boolean }): Finding {
  const consequence = fault.hasLastGood ? 'its last good form stays in force' : 'it is left out until it is mended'
  const message = `${fault.path}: ${fault.message}; ${consequence}`
  return { subject, path: fault.path, reason: 'Unreadable', message, severity: 'error' }
}

function brokenProviders(inputs: NamespaceInputs): Finding[] {
  return [...inputs.providers].flatMap(([name, { resource, spec }]) => {
    const use = resolveProvider(inputs, name)
    if (use.problem === null || spec === null) return []
    const path = use.problem.reason === 'ProviderInvalid' ? 'spec.url' : 'spec.credential.secretRef'
    return [fromProblem(use.problem, { subject: subjectOf('ModelProvider', resource), path })]
  })
}

function brokenReferences(inputs: NamespaceInputs): Finding[] {
  return orderRoutes(inputs.routes).flatMap(({ resource, spec }) =>
    referencedProviders(spec).flatMap(({ provider, path }) => {
      const { problem } = resolveProvider(inputs, provider)
      return problem === null ? [] : [fromProblem(problem, { subject: subjectOf('ModelRoute', resource), path })]
    }),
  )
}

function brokenRedactions(inputs: NamespaceInputs): Finding[] {
  return orderRoutes(inputs.routes).flatMap(({ resource, spec }) =>
    spec.rules.flatMap((rule, index) => {
      if (!rule.redact) return []
      const { problems, warnings } = resolveRedaction(inputs, rule.redact)
      const subject = subjectOf('ModelRoute', resource)
      const at = (path: string) => ({ subject, path: `spec.rules[${index}].redact.${path}` })
      const errors = problems.map((problem) =>
        fromProblem({ ...problem, message: `rule "${rule.name}": ${problem.message}` }, at(problem.path)),
      )
      const notes = warnings.map(({ path, message }): Finding => {
        return {
          ...at(path),
          reason: 'RedactionLoose',
          message: `rule "${rule.name}": ${message}`,
          severity: 'warning',
        }
      })
      return [...errors, ...notes]
    }),
  )
}

function oddTimeouts(inputs: NamespaceInputs): Finding[] {
  return orderRoutes(inputs.routes).flatMap(({ resource, spec }) =>
    spec.rules.flatMap((rule, index) =>
      outOfRangeTimeouts(rule).map(({ field, text, usedMs }) => ({
        subject: subjectOf('ModelRoute', resource),
        path: `spec.rules[${index}].timeouts.${field}`,
        reason: 'TimeoutOutOfRange',
        message: `timeouts.${field} of rule "${rule.name}" is ${text}; it becomes ${usedMs}ms (1ms to 24h)`,
        severity: 'warning' as const,
      })),
    ),
  )
}

function lateHedges({ routes }: NamespaceInputs): Finding[] {
  return orderRoutes(routes).flatMap(({ resource, spec }) =>
    spec.rules.flatMap((rule, index) => {
      if (!isHedgeTooLate(rule)) return []
      const { failover, timeouts } = rule
      const message =
        `failover.hedgeAfter of rule "${rule.name}" is ${failover.hedgeAfter}, and timeouts.firstToken is ` +
        `${timeouts.firstToken}: a streamed call has moved on before it is hedged; make hedgeAfter shorter`
      const path = `spec.rules[${index}].failover.hedgeAfter`
      const subject = subjectOf('ModelRoute', resource)
      return [{ subject, path, reason: 'HedgeTooLate', message, severity: 'warning' as const }]
    }),
  )
}

function oddStrategies(inputs: NamespaceInputs): Finding[] {
  const specOf = (provider: string) => {
    const use = resolveProvider(inputs, provider)
    return use.kind === 'usable' ? use.spec : null
  }
  return orderRoutes(inputs.routes).flatMap(({ resource, spec }) =>
    spec.rules.flatMap((rule, index) =>
      [...notesOnStrategy(rule, specOf), ...notesOnCanary(rule), ...notesOnAuto(rule)].map(
        ({ path, reason, message }) => ({
          subject: subjectOf('ModelRoute', resource),
          path: `spec.rules[${index}].${path}`,
          reason,
          message: `rule "${rule.name}": ${message}`,
          severity: 'warning' as const,
        }),
      ),
    ),
  )
}

function oddAliases(inputs: NamespaceInputs): Finding[] {
  const listedBy = (model: string) =>
    [...inputs.providers].flatMap(([name, { spec }]) =>
      spec?.models.some((listed) => listed.name === model) === true ? [name] : [],
    )
  return orderRoutes(inputs.routes).flatMap(({ resource, spec }) =>
    notesOnAliases(spec, listedBy).map(({ path, reason, message }) => {
      const subject = subjectOf('ModelRoute', resource)
      return { subject, path: `spec.${path}`, reason, message, severity: 'warning' as const }
    }),
  )
}

function oddMatches(inputs: NamespaceInputs): Finding[] {
  return orderRoutes(inputs.routes).flatMap(({ resource, spec }) =>
    notesOnMatch(spec, inputs.providers).map(({ path, reason, message }) => {
      const subject = subjectOf('ModelRoute', resource)
      return { subject, path: `spec.${path}`, reason, message, severity: 'warning' as const }
    }),
  )
}

function idleBatches({ routes }: NamespaceInputs): Finding[] {
  return orderRoutes(routes).flatMap(({ resource, spec }) => {
    const subject = subjectOf('ModelRoute', resource)
    return spec.rules.flatMap((rule, index) =>
      notesOnBatch(rule).map(({ path, message }) => {
        const at = { subject, path: `spec.rules[${index}].${path}` }
        return { ...at, reason: 'BatchIdle', message: `rule "${rule.name}": ${message}`, severity: 'warning' as const }
      }),
    )
  })
}

function idleDeferrals({ routes, providers }: NamespaceInputs): Finding[] {
  return orderRoutes(routes).flatMap(({ resource, spec }) => {
    const subject = subjectOf('ModelRoute', resource)
    return spec.rules.flatMap((rule, index) => {
      const dialects = rule.backends.flatMap(({ providerRef }) => providers.get(providerRef.name)?.spec?.dialect ?? [])
      return notesOnDeferred(rule, dialects).map(({ path, message }) => {
        const at = { subject, path: `spec.rules[${index}].${path}` }
        return {
          ...at,
          reason: 'DeferredIdle',
          message: `rule "${rule.name}": ${message}`,
          severity: 'warning' as const,
        }
      })
    })
  })
}

function routesWithoutPods({ routes, pods }: NamespaceInputs): Finding[] {
  return orderRoutes(routes)
    .filter(({ spec }) => !pods.some((pod) => selects(spec.podSelector, pod.labels)))
    .map(({ resource }) => ({
      subject: subjectOf('ModelRoute', resource),
      path: 'spec.podSelector',
      reason: 'NoPods',
      message:
        'spec.podSelector selects no pod that has the sidecar: check its labels, and the annotation ' +
        'modelroute.dev/inject on the workload',
      severity: 'warning',
    }))
}

/** Their streams go on, since new authorities travel on them; a sidecar that starts with nothing kept could not. */
function stalePods({ routes, pods, authorities }: NamespaceInputs): Finding[] {
  const stale = authorities === null ? [] : pods.filter((pod) => isStale(pod, authorities))
  if (stale.length === 0) return []
  return orderRoutes(routes).flatMap(({ resource, spec }) => {
    const own = stale.filter((pod) => selects(spec.podSelector, pod.labels))
    if (own.length === 0) return []
    const names = own.slice(0, MAX_NAMED_PODS).map(({ name }) => name)
    const more = own.length > names.length ? ` and ${own.length - names.length} more` : ''
    const message =
      `pods that were injected with certificate authorities of which none is in use any more: ${names.join(', ')}` +
      `${more}; restart them, since their sidecars may not reach the operator after a restart of their own`
    const subject = subjectOf('ModelRoute', resource)
    return [{ subject, path: 'spec.podSelector', reason: 'StaleAuthorities', message, severity: 'warning' as const }]
  })
}

const MAX_NAMED_PODS = 3

function fromProblem({ reason, message }: Problem, at: { subject: Subject; path: string }): Finding {
  return { ...at, reason, message, severity: 'error' }
}
