// Explanations held against what happened: calls made at random ask to be explained, and each explanation is compared
// with the record of its own exchange.
//
//   made call + x-modelroute-explain: 1 -> header of the answer = Exchange, in rule, target, cache, masked, content
//
//   node test/soak/explain.ts [CALLS [SEED]]
import fc from 'fast-check'
import type { Exchange } from '../../proxy/exchange.ts'
import type { Explanation } from '../../proxy/explain/explanation.ts'
import { NAMESPACE_KEY_IDS } from '../../proxy/table/messages.ts'
import { makeTable, type RouteSpec, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { Upstream } from '../support/upstream.ts'

const NAMES = ['alpha', 'beta', 'gamma'] as const
const NIGHT = { timeZone: 'Asia/Shanghai', days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 18 * 60, toMinute: 9 * 60 }

const ROUTES: readonly RouteSpec[] = [
  { name: 'r/trial', mode: 'Shadow', models: ['gpt-*'], backends: ['gamma', 'beta'] },
  { name: 'r/red', headers: [{ name: 'x-team', value: 'red' }], backends: ['beta', { target: 'alpha', tier: 1 }] },
  { name: 'r/code', models: ['auto'], looks: { content: ['Code'] }, backends: ['alpha', 'beta'] },
  { name: 'r/long', models: ['auto'], looks: { contextTokens: { min: 300 } }, backends: ['small', 'beta'] },
  { name: 'r/masked', models: ['masked'], redact: {}, cache: {}, backends: ['alpha', 'gamma'] },
  { name: 'r/kept', models: ['kept'], cache: {}, backends: [...NAMES] },
  { name: 'r/night', models: ['gpt-5'], schedule: NIGHT, backends: ['gamma'] },
  { name: 'r/quick', models: ['quick'], backends: [...NAMES], choice: { strategy: 'Latency' } },
  {
    name: 'r/idle',
    models: ['idle'],
    backends: [...NAMES],
    choice: { strategy: 'Load' },
    parameters: { clamp: { temperature: { max: '0.5' }, maxTokens: { max: '100' } }, defaults: { seed: '7' } },
  },
  { name: 'r/sticky', models: ['sticky'], backends: [...NAMES], choice: { strategy: 'Sticky' } },
  { name: 'r/small', models: ['small'], backends: ['small'] },
  { name: 'r/empty', models: ['empty'], backends: [], unavailable: 'its Secret is missing' },
  { name: 'r/rest', models: ['gpt-*', 'auto'], backends: ['alpha', { target: 'beta', weight: 3 }] },
]

const MODELS = ['auto', 'gpt-5', 'gpt-4', 'masked', 'kept', 'quick', 'idle', 'sticky', 'small', 'empty', 'nobody']
const TEXTS = [
  'Hello, how are you today?',
  'Please write to ann@example.org about the invoice, or call +49 30 901820.',
  'function add(one, other) {\n  return one + other\n}\nexport const twice = (value) => add(value, value)\n',
  'What does this do?\n```python\nimport os\nfor name in os.listdir("."):\n    print(name)\n```',
  'The harvest was late that year, and the roads were wet. '.repeat(40),
]

const callShape = fc.record({
  model: fc.constantFrom(...MODELS),
  text: fc.constantFrom(...TEXTS),
  team: fc.constantFrom(null, null, 'red', 'blue'),
  temperature: fc.constantFrom(undefined, 0, 1),
  user: fc.constantFrom(undefined, 'u1', 'u2', 'u3'),
  maxTokens: fc.constantFrom(undefined, 10, 400),
})
type MadeCall = typeof callShape extends fc.Arbitrary<infer Made> ? Made : never

export interface Checked {
  readonly calls: number
  readonly mismatches: readonly string[]
  /** How many calls each rule and outcome had, to see that they were not all alike. */
  readonly outcomes: Readonly<Record<string, number>>
}

export async function checkExplanations({
  calls,
  seed,
}: {
  readonly calls: number
  readonly seed: number
}): Promise<Checked> {
  const upstreams = await Promise.all(NAMES.map(() => Upstream.start()))
  const [alpha, beta, gamma] = upstreams.map(({ url }) => ({ url, model: 'm' }))
  if (!alpha || !beta || !gamma) throw new Error('no upstream')
  const small = { ...alpha, contextTokens: { m: 200 } }
  const table = makeTable({ targets: { alpha, beta, gamma, small }, routes: ROUTES })
  const namespaceKey = Buffer.alloc(32, 7).toString('base64')
  const rig = await startProxy({ table, keys: { [NAMESPACE_KEY_IDS.current]: namespaceKey } })
  try {
    return await checkAll(fc.sample(callShape, { numRuns: calls, seed }), rig)
  } finally {
    await rig.stop()
    await Promise.all(upstreams.map((upstream) => upstream.stop()))
  }
}

async function checkAll(made: readonly MadeCall[], rig: ProxyRig): Promise<Checked> {
  const mismatches: string[] = []
  const outcomes: Record<string, number> = {}
  for (const [index, call] of made.entries()) {
    const explanation = await explainedCall(call, rig)
    await rig.untilReported(index + 1)
    const exchange = rig.exchanges[index]
    if (exchange === undefined) throw new Error('the call was not reported')
    const wrong = differences(explanation, exchange)
    if (wrong.length > 0) mismatches.push(`${JSON.stringify(call)}: ${wrong.join('; ')}`)
    const outcome = `${exchange.route ?? 'none'} ${exchange.error ?? exchange.cache?.outcome ?? exchange.targetId ?? ''}`
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
  return { calls: made.length, mismatches: mismatches.slice(0, 10), outcomes }
}

async function explainedCall({ model, text, team, temperature, user, maxTokens }: MadeCall, rig: ProxyRig) {
  const answer = await fetch(`${rig.url}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-modelroute-explain': '1', ...(team && { 'x-team': team }) },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: text }],
      temperature,
      user,
      max_tokens: maxTokens,
    }),
  })
  await answer.arrayBuffer()
  return JSON.parse(answer.headers.get('x-modelroute-explain') ?? 'null') as Explanation
}

function differences(said: Explanation, happened: Exchange): string[] {
  const { route, error, attempts, cache, redaction, facts, shadows = [] } = happened
  const wouldTake = said.rules.filter(({ outcome }) => outcome === 'would take').map(({ rule }) => rule)
  const pairs: readonly (readonly [what: string, said: unknown, happened: unknown])[] = [
    ['rule', said.failure?.code === 'no_route' || said.failure?.code === 'no_backend' ? null : said.rule, route],
    ['failure', said.failure?.code ?? null, attempts.length === 0 ? error : null],
    ['shadows', error === null ? wouldTake : [], shadows.map((shadow) => shadow.route)],
    ['adjusted', error === null ? said.adjusted : [], happened.adjusted ?? []],
    ['masked', said.redaction?.masked ?? null, redaction?.masked ?? null],
    ['cache', said.cache === null ? null : said.cache.isUsed, cache === undefined ? null : cache.outcome !== 'bypass'],
    ...(attempts.length === 0 ? [] : [['target', said.targets[0]?.target, attempts[0]?.targetId] as const]),
    ...(facts?.classification === undefined
      ? []
      : [['content', said.content?.content, facts.classification.content] as const]),
    ...(facts?.promptTokens === undefined ? [] : [['tokens', said.promptTokens, facts.promptTokens] as const]),
  ]
  return pairs
    .filter(([, one, other]) => JSON.stringify(one) !== JSON.stringify(other))
    .map(([what, one, other]) => `${what} said ${JSON.stringify(one)}, was ${JSON.stringify(other)}`)
}
