// The three questions of docs/savings.md, each answered by sending the same calls twice: to a rule without the feature,
// and to one with it. Answers are compared as well: what is saved by a wrong answer is no saving.
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../../support/proxy-rig.ts'
import { answerTo, MISTAKES } from '../../support/question-models.ts'
import { seeded, wordsOf } from './chance.ts'
import { CHAT_DIALECTS, MODELS, type ChatDialect } from './dialects.ts'
import { costOf, PRICES, Provider, type Bill } from './provider.ts'
import { atRate, Client, inTurn, type Sent } from './replay.ts'
import { KINDS, makeWorkload, type Kind, type WorkCall } from './workload.ts'

export interface Bench {
  readonly rig: ProxyRig
  readonly provider: Provider
  readonly client: Client
}

export async function startBench(): Promise<Bench> {
  const provider = await Provider.start()
  const rig = await startProxy({ keys: { 'redaction/current': Buffer.alloc(32, 7).toString('base64') } })
  return { rig, provider, client: new Client(rig.url) }
}

export async function stopBench({ rig, provider, client }: Bench): Promise<void> {
  client.close()
  await rig.stop()
  await provider.stop()
}

/** Each dialect's calls go to a provider of the same dialect. */
function apply({ rig, provider }: Bench, rule: Omit<RouteSpec, 'backends'>): void {
  const targets = Object.fromEntries(
    CHAT_DIALECTS.map((dialect) => [dialect, { dialect, url: provider.origin + BASE_PATHS[dialect] }]),
  )
  const chats = CHAT_DIALECTS.map((dialect) => {
    return { ...rule, name: `bench/${dialect}`, models: [MODELS[dialect]], backends: [dialect] }
  })
  rig.tables.swap(makeTable({ targets, routes: [...chats, { ...rule, name: 'bench/others', backends: ['OpenAI'] }] }))
}

const BASE_PATHS: Readonly<Record<ChatDialect, string>> = {
  OpenAI: '/v1',
  Anthropic: '/v1',
  Gemini: '/v1beta',
  Ollama: '',
}

export interface Run {
  readonly bill: Bill
  readonly cost: number
  readonly answers: readonly Sent[]
  readonly seconds: number
}

interface RunParts {
  readonly calls: readonly Pick<WorkCall, 'path' | 'body'>[]
  readonly load: Load
}

/** So many callers who wait for their answer before they ask again, or arrivals by chance. */
export type Load = { readonly callers: number } | { readonly perSecond: number }

async function run({ provider, client }: Bench, { calls, load }: RunParts): Promise<Run> {
  const start = performance.now()
  const send = ({ path, body }: Pick<WorkCall, 'path' | 'body'>) => client.send(path, body)
  const answers =
    'callers' in load
      ? await inTurn(calls, load.callers, send)
      : await atRate(calls, { ...load, random: seeded(5) }, send)
  const { bill } = provider
  return { bill, cost: costOf(bill, PRICES), answers, seconds: (performance.now() - start) / 1000 }
}

export interface Repeats {
  readonly calls: number
  readonly repeated: number
  readonly avoided: number
  readonly without: Run
  readonly with: Run
  readonly byKind: Readonly<
    Record<Kind, { readonly calls: number; readonly repeated: number; readonly avoided: number }>
  >
  /** Answers with somebody else's address in them, or without the caller's own, or none at all. */
  readonly wrong: number
}

/** Questions again and again, through a rule that caches and masks. */
export async function measureRepeats(bench: Bench, size: number): Promise<Repeats> {
  const calls = makeWorkload(size, 1)
  const load = { callers: 16 }
  bench.provider.begin()
  apply(bench, { redact: {} })
  const without = await run(bench, { calls, load })
  bench.provider.begin()
  apply(bench, { redact: {}, cache: {} })
  const cached = await run(bench, { calls, load })
  const seen = new Set<string>()
  const isRepeated = calls.map(({ asks }) => seen.has(asks) || !seen.add(asks))
  const isAvoided = cached.answers.map(isServed)
  const count = (isCounted: (index: number) => boolean) => calls.filter((_, index) => isCounted(index)).length
  const byKind = Object.fromEntries(
    KINDS.map((kind) => {
      const isOf = (index: number) => calls[index]?.kind === kind
      return [
        kind,
        {
          calls: count(isOf),
          repeated: count((index) => isOf(index) && isRepeated[index] === true),
          avoided: count((index) => isOf(index) && isAvoided[index] === true),
        },
      ]
    }),
  ) as Repeats['byKind']
  return {
    calls: calls.length,
    repeated: count((index) => isRepeated[index] === true),
    avoided: calls.length - cached.bill.calls,
    without,
    with: cached,
    byKind,
    wrong: [without, cached].reduce((sum, { answers }) => sum + countWrong(calls, answers), 0),
  }
}

/** By the cache, or by a call that was under way for another caller. */
function isServed({ headers }: Sent): boolean {
  return /^(hit|stale)|flight=joined/.test(String(headers['x-modelroute-cache']))
}

function countWrong(calls: readonly WorkCall[], answers: readonly Sent[]): number {
  return answers.filter(({ status, text }, index) => {
    const own = calls[index]?.own ?? null
    const addresses = new Set(text.match(/customer\.\d+@example\.com/g) ?? [])
    const isOwn = own === null ? addresses.size === 0 : addresses.size === 1 && addresses.has(own)
    return status !== 200 || !(isOwn || isSplit(text, own))
  }).length
}

/** A stream gives a text in pieces. */
function isSplit(text: string, own: string | null): boolean {
  return own !== null && text.replace(/[^\w.@]+/g, '').includes(own)
}

export interface Vectors {
  readonly name: string
  readonly texts: number
  readonly without: Run
  readonly with: Run
  readonly wrong: number
}

/** One text a call, as applications and their libraries embed. */
export async function measureVectors(bench: Bench, size: number, load: Load): Promise<Vectors> {
  const random = seeded(2)
  const calls = Array.from({ length: size }, () => {
    const body = { model: 'vectors', input: wordsOf(80, random), encoding_format: 'base64' }
    return { path: '/v1/embeddings', body: JSON.stringify(body) }
  })
  bench.provider.begin()
  apply(bench, {})
  const without = await run(bench, { calls, load })
  bench.provider.begin()
  apply(bench, { batch: { embeddings: { waitMs: 3, maxSize: 32, maxTokens: 32_000 } } })
  const merged = await run(bench, { calls, load })
  const wrong = merged.answers.filter(
    ({ text }, index) => vectorIn(text) !== vectorIn(without.answers[index]?.text),
  ).length
  const name = 'callers' in load ? `${load.callers} at once` : `${load.perSecond} a second, by chance`
  return { name, texts: size, without, with: merged, wrong }
}

function vectorIn(text: string | undefined): string {
  const { data } = JSON.parse(text ?? '{}') as { data?: { embedding: string }[] }
  if (data?.length !== 1) throw new Error('an answer has no vector of its own')
  return data[0]?.embedding ?? ''
}

export interface Merged {
  readonly instructionTokens: number
  /** Of the replies to merged requests, how many had a mistake in them. */
  readonly mistakeShare: number
  readonly questions: number
  readonly without: Run
  readonly with: Run
  readonly wrong: number
}

interface MergedParts {
  readonly questions: number
  readonly instructionTokens: number
  readonly mistakeShare: number
}

const LABELS = ['billing', 'shipping', 'returns', 'technical', 'account', 'praise', 'complaint', 'other']

/** A classifier: the same instructions with every short text, a word as the answer. */
export async function measureMerged(bench: Bench, parts: MergedParts): Promise<Merged> {
  const { questions, instructionTokens, mistakeShare } = parts
  const random = seeded(3)
  const system = wordsOf(instructionTokens, random).slice(0, instructionTokens * 4)
  const calls = Array.from({ length: questions }, () => {
    const messages = [
      { role: 'system', content: system },
      { role: 'user', content: wordsOf(30, random) },
    ]
    return {
      path: '/v1/chat/completions',
      body: JSON.stringify({ model: MODELS.OpenAI, temperature: 0, max_tokens: 16, messages }),
    }
  })
  const answerWith = (text: string, told: string) =>
    LABELS[Number.parseInt(answerTo(text, told).slice(0, 4), 16) % LABELS.length] ?? 'other'
  const chance = seeded(4)
  const model = {
    answerTo: answerWith,
    mistakesIn: () =>
      chance() < mistakeShare ? MISTAKES.slice(Math.floor(chance() * MISTAKES.length)).slice(0, 1) : [],
  }
  bench.provider.begin(model)
  apply(bench, {})
  const without = await run(bench, { calls, load: { callers: 64 } })
  bench.provider.begin(model)
  apply(bench, { batch: { chat: { waitMs: 10, maxSize: 16, maxTokens: 8000, maxQuestionTokens: 256 } } })
  const merged = await run(bench, { calls, load: { callers: 64 } })
  const wrong = merged.answers.filter(({ text }, index) => saidIn(text) !== saidIn(without.answers[index]?.text)).length
  return { ...parts, without, with: merged, wrong }
}

function saidIn(text: string | undefined): string {
  const { choices } = JSON.parse(text ?? '{}') as { choices?: { message: { content: string } }[] }
  if (choices?.length !== 1) throw new Error('an answer has no text of its own')
  return choices[0]?.message.content ?? ''
}
