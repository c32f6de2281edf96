// What is found about the matches of a ModelRoute's rules where providers say what they have: patterns that match none
// of their models, and prompts that none of their models can hold. Only what is certain; an application may ask for any
// name where a backend replaces it. Pure.
import type { ModelRouteRule, ModelRouteSpec } from '../../crds/model-route.ts'
import type { NamespaceInputs } from '../gather.ts'
import { shadows } from './shadow.ts'
import type { StrategyNote } from '../rules/strategy.ts'

type Providers = NamespaceInputs['providers']

/** Paths are below the spec. */
export function notesOnMatch(spec: ModelRouteSpec, providers: Providers): readonly StrategyNote[] {
  const aliases = spec.aliases?.map(({ name }) => name) ?? []
  return spec.rules.flatMap((rule, index) => {
    const notes = [...idlePatterns(rule, { providers, aliases }), ...endlessPrompts(rule, providers)]
    return notes.map((note) => ({
      ...note,
      path: `rules[${index}].${note.path}`,
      message: `rule "${rule.name}": ${note.message}`,
    }))
  })
}

/** Where every backend lets the application's name through to a provider that lists its models. */
function idlePatterns(
  { match, backends }: ModelRouteRule,
  { providers, aliases }: { readonly providers: Providers; readonly aliases: readonly string[] },
): readonly StrategyNote[] {
  const listed = backends.map(({ providerRef, model }) => {
    const models = providers.get(providerRef.name)?.spec?.models ?? []
    return model === undefined && models.length > 0 ? models.map(({ name }) => name) : null
  })
  if (listed.length === 0 || listed.includes(null)) return []
  // For "auto" there is a finding of its own (alias-notes.ts).
  const names = [...listed.flatMap((models) => models ?? []), ...aliases, 'auto']
  return (match.models ?? []).flatMap((pattern, index) => {
    if (names.some((name) => shadows([pattern], [name]))) return []
    const message =
      `"${pattern}" matches no model that the providers of its backends list and no alias, so that a call which it ` +
      'takes would be refused by them: correct the pattern, or give the backends a model'
    return [{ path: `match.models[${index}]`, reason: 'PatternMatchesNothing', message }]
  })
}

/** Where the context of every backend's model is known. */
function endlessPrompts({ match, backends }: ModelRouteRule, providers: Providers): readonly StrategyNote[] {
  const least = match.contextTokens?.min ?? 0
  const limits = backends.map(({ providerRef, model }) => {
    const models = providers.get(providerRef.name)?.spec?.models ?? []
    return model === undefined ? undefined : models.find(({ name }) => name === model)?.contextTokens
  })
  const known = limits.filter((limit) => limit !== undefined)
  const largest = Math.max(0, ...known)
  if (least === 0 || known.length < limits.length || largest > least) return []
  const message =
    `it takes prompts of ${least} tokens and more, and the largest model of its backends holds ${largest}: every ` +
    'call of it would be refused; lower min, or add a backend with more contextTokens'
  return [{ path: 'match.contextTokens.min', reason: 'PromptsTooLong', message }]
}
