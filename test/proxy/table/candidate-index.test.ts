// The index of a table's rules finds the rule that a look at each of them in order would find.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileMatcher, type RouteMatcher } from '../../../proxy/table/match.ts'
import type { Circumstances } from '../../../proxy/table/look.ts'
import type { Route, RoutingTable } from '../../../proxy/table/schema.ts'
import { makeTable } from '../../support/proxy-rig.ts'

type Drawn<Drawing> = Drawing extends fc.Arbitrary<infer Value> ? Value : never

const value = fc.constantFrom('red', 'redder', 'blue', '')
const header = fc.oneof(
  fc.record({ name: fc.constantFrom('x-team', 'x-user'), value }),
  fc.record({ name: fc.constantFrom('x-team', 'x-user'), prefix: fc.constantFrom('re', 'red', 'b') }),
  fc.record({ name: fc.constantFrom('x-team', 'x-user') }),
)
const content = fc.constantFrom('Code', 'Text', 'Image', 'Audio')
const rule = fc.record(
  {
    headers: fc.array(header, { maxLength: 2 }),
    content: fc.array(content, { maxLength: 2 }),
    contextTokens: fc.record({ min: fc.nat(3), max: fc.nat(3) }),
  },
  { requiredKeys: [] },
)
const circumstances = fc.record({
  headers: fc.record({ 'x-team': value, 'x-user': value }, { requiredKeys: [] }),
  content,
  tokens: fc.nat(4),
})

function circumstancesOf({ headers, content: seen, tokens }: Drawn<typeof circumstances>): Circumstances {
  const classification = {
    content: seen,
    codeShare: 0,
    programmingLanguage: null,
    language: null,
    images: 0,
    sounds: 0,
    evidence: [],
  }
  const facts = { classification, promptTokens: () => tokens, sharpen: () => Promise.resolve(), report: () => ({}) }
  return { rawHeaders: Object.entries(headers).flat(), receivedAtMs: 0, facts, model: 'm' }
}

function tableOf(rules: readonly Drawn<typeof rule>[]): RoutingTable {
  const routes = rules.map(({ headers, ...looks }) => ({ ...(headers && { headers }), looks, backends: ['t'] }))
  return makeTable({ targets: { t: { url: 'http://model' } }, routes })
}

const ASKED = { model: 'm', operation: 'Chat' } as const

/** One rule after another, each in a table of its own. */
function byLookingAtEach({ routes, ...table }: RoutingTable, look: Circumstances): Route | null {
  const takes = (route: Route) => compileMatcher({ ...table, routes: [route] }).routeFor(ASKED, look) !== null
  return routes.find(takes) ?? null
}

test('with any rules and any call it finds what looking at each finds, and so does the trace', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 12 }),
      fc.array(circumstances, { minLength: 1, maxLength: 4 }),
      (rules, calls) => {
        const table = tableOf(rules)
        const matcher: RouteMatcher = compileMatcher(table)
        for (const call of calls.map(circumstancesOf)) {
          const found = matcher.routeFor(ASKED, call)?.name ?? null
          expect(found).toBe(byLookingAtEach(table, call)?.name ?? null)
          const last = matcher.trace(ASKED, call).at(-1)
          expect(last?.refusal === null ? last.route.name : null).toBe(found)
        }
      },
    ),
    { numRuns: 300 },
  )
})
