// What a rule does to parameters, as the table has it: every number is decimal text there. Pure; nothing is written
// where nothing is asked.
import type { ModelRouteRule } from '../../crds/model-route.ts'
import type { Route } from '../../proxy/table/schema.ts'

type Policy = NonNullable<Route['parameters']>

export function toParameters({ parameters }: Pick<ModelRouteRule, 'parameters'>): Pick<Route, 'parameters'> {
  if (parameters === undefined) return {}
  const { defaults, force, clamp, language } = parameters
  const policy: Policy = {
    ...(defaults && { defaults: textsOf(defaults) }),
    ...(force && { force: textsOf(force) }),
    ...(clamp && { clamp: Object.fromEntries(entriesOf(clamp).map(([name, bounds]) => [name, textsOf(bounds)])) }),
    ...(language === undefined ? {} : { language }),
  }
  return Object.keys(policy).length === 0 ? {} : { parameters: policy }
}

function textsOf(values: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(entriesOf(values).map(([name, value]) => [name, String(value)]))
}

function entriesOf<Value>(values: Readonly<Record<string, Value | undefined>>): (readonly [string, Value])[] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}
