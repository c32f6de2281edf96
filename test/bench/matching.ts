// `node test/bench/matching.ts`: what finding the rule of one call costs, with tables of 10 to 1,000 rules that all take
// the asked model, so that every rule's own conditions are looked at and only the last one holds. CPU time of this
// process, so that a busy machine does not count.
import { Buffer } from 'node:buffer'
import { createClassifier } from '../../proxy/classify/classifier.ts'
import { factsOf } from '../../proxy/classify/call-facts.ts'
import { TokenEstimator } from '../../proxy/classify/tokens/estimate.ts'
import type { Call } from '../../proxy/exchange.ts'
import { askedBy, circumstancesOf, compileMatcher } from '../../proxy/table/match.ts'
import { parseTable, type Route } from '../../proxy/table/schema.ts'
import { readCall } from './classification/call.ts'

const ROUNDS = 20_000
const HEADERS = 'host content-type content-length user-agent accept authorization x-request-id traceparent x-team'
const TIMEOUTS = { firstTokenMs: 1000, idleMs: 1000 }
const PROSE = 'Yesterday the committee met for the third time this year, and everybody was there. '

type Match = Omit<Route['match'], 'models'>

const KINDS: Readonly<Record<string, (index: number) => Match>> = {
  'other models': () => ({}),
  headers: (index) => ({ headers: [{ name: 'x-team', value: `team-${index}` }] }),
  'schedules of 50 kinds': (index) => ({
    schedule: { timeZone: 'Asia/Shanghai', days: [1], fromMinute: index % 50, toMinute: (index % 50) + 1 },
  }),
  content: () => ({ content: ['Audio'] }),
  lengths: () => ({ contextTokens: { min: 1_000_000 } }),
  'all of them': (index) => ({
    content: ['Text'],
    headers: [{ name: 'x-team', prefix: `team-${index}` }],
    contextTokens: { min: 1_000_000 },
  }),
}

console.log('| rules | what they look at | a call |\n|---|---|---|')
for (const count of [10, 100, 1000]) {
  for (const [kind, matchOf] of Object.entries(KINDS)) {
    const matcher = compileMatcher(tableOf(count, kind, matchOf))
    const call = callOf()
    const asked = askedBy(call)
    const run = () => matcher.routeFor(asked, circumstancesOf(call))
    if (run()?.name !== 'bench/chat/last') throw new Error('the last rule should have taken the call')
    console.log(`| ${count} | ${kind} | ${microseconds(run)} us |`)
  }
}

function tableOf(count: number, kind: string, matchOf: (index: number) => Match) {
  const models = kind === 'other models' ? (index: number) => [`other-${index}-*`] : () => ['small']
  const rule = (name: string, match: object) => ({
    name,
    match,
    backends: [{ target: 't', weight: 1, tier: 0 }],
    timeouts: TIMEOUTS,
    failover: { attempts: 1, on: [] },
  })
  const rules = Array.from({ length: count - 1 }, (_, index) =>
    rule(`bench/chat/rule-${index}`, { models: models(index), ...matchOf(index) }),
  )
  const routes = [...rules, rule('bench/chat/last', { models: [] })]
  const targets = { t: { provider: 'bench/t', dialect: 'OpenAI', url: 'http://model' } }
  const parsed = parseTable({ schema: 1, requires: [], version: '0'.repeat(16), routes, targets })
  if (parsed.kind === 'faults') throw new Error(JSON.stringify(parsed.faults))
  return parsed.table
}

function callOf(): Call {
  const messages = [{ role: 'user', content: PROSE.repeat(12) }]
  const read = readCall('/v1/chat/completions', { model: 'small', messages })
  const rawHeaders = HEADERS.split(' ').flatMap((name) => [name, Buffer.from(name).toString('hex')])
  const call = { ...read, received: { ...read.received, rawHeaders, receivedAtMs: Date.UTC(2026, 0, 4) } }
  const facts = factsOf(call, { classifier: createClassifier(), estimator: new TokenEstimator() })
  return { ...call, facts }
}

function microseconds(run: () => unknown): string {
  const rounds = ROUNDS / 10
  for (let round = 0; round < rounds; round += 1) run()
  const before = process.cpuUsage()
  for (let round = 0; round < rounds; round += 1) run()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) / rounds).toFixed(1)
}
