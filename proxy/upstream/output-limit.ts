// How many tokens an answer may have, where the caller asks for more than the target's model gives: the number in the
// request's bytes is replaced by the model's limit, and every other byte stays. Pure; a request that asks for nothing
// is not touched. Where each dialect has the number is data; the translated form of a call is a body like any other.
import { Buffer } from 'node:buffer'
import type { Span } from '../exchange.ts'
import { scanMembers } from '../json/scan.ts'
import type { Edit } from '../json/splice.ts'
import type { DialectName, Target } from '../table/schema.ts'

export interface Clamp {
  readonly edit: Edit
  /** For the answer's header: `max_tokens=8192;asked=100000`. */
  readonly note: string
}

/** Members with the number, and members of the objects that stand under `inside`. */
interface LimitPlaces {
  readonly names: readonly string[]
  readonly inside: readonly string[]
  readonly innerNames: readonly string[]
}

const flat = (...names: readonly string[]): LimitPlaces => ({ names, inside: [], innerNames: [] })

/** Every operation of a dialect; protobuf's JSON takes both spellings of a name. */
const PLACES: Readonly<Record<DialectName, LimitPlaces>> = {
  OpenAI: flat('max_tokens', 'max_completion_tokens', 'max_output_tokens'),
  Anthropic: flat('max_tokens'),
  Gemini: {
    names: [],
    inside: ['generationConfig', 'generation_config'],
    innerNames: ['maxOutputTokens', 'max_output_tokens'],
  },
  Ollama: { names: [], inside: ['options'], innerNames: ['num_predict'] },
  Prompt: flat('max_tokens'),
}

const NO_CLAMPS: readonly Clamp[] = []

/** Null: none is known. `asked` is the model of a target that has none of its own. */
export function outputLimitOf({ outputLimits, model }: Target, asked: string): number | null {
  if (outputLimits === undefined) return null
  const name = model ?? asked
  return Object.hasOwn(outputLimits, name) ? (outputLimits[name] ?? null) : null
}

/** In the order in which they stand in the body. */
export function clampsOf(body: Buffer, { dialect, limit }: { dialect: DialectName; limit: number }): readonly Clamp[] {
  const clamps: Clamp[] = []
  for (const { path, span } of askedLimits(body, dialect)) {
    const asked = body.toString('latin1', span.start, span.end)
    if (Number(asked) <= limit) continue
    clamps.push(clampTo(limit, { path, span, asked }))
  }
  if (dialect === 'Anthropic' && clamps.length > 0) clamps.push(...thinkingClamps(body, limit))
  return clamps.length === 0 ? NO_CLAMPS : clamps.toSorted((one, other) => startOf(one) - startOf(other))
}

interface Asked extends AskedLimit {
  readonly asked: string
}

function clampTo(limit: number, { path, span, asked }: Asked): Clamp {
  return { edit: { span, text: Buffer.from(String(limit)) }, note: `${path}=${limit};asked=${asked}` }
}

/** Anthropic's least; below it there is nothing to think with. */
const LEAST_THINKING_TOKENS = 1024

/** Anthropic refuses a budget that max_tokens does not exceed: then half of the limit is for thinking. */
function thinkingClamps(body: Buffer, limit: number): readonly Clamp[] {
  const half = Math.floor(limit / 2)
  const [thinking] = scanMembers(body, { start: 0, end: body.length }, ['thinking']) ?? []
  const [span] = (thinking && scanMembers(body, thinking, ['budget_tokens'])) ?? []
  if (span === undefined || !isDigit(body[span.start]) || half < LEAST_THINKING_TOKENS) return NO_CLAMPS
  const asked = body.toString('latin1', span.start, span.end)
  return Number(asked) < limit ? NO_CLAMPS : [clampTo(half, { path: 'thinking.budget_tokens', span, asked })]
}

/** How many tokens the caller lets its answer have; 0: it does not say. */
export function askedOutputTokens(body: Buffer, dialect: DialectName): number {
  const numbers = askedLimits(body, dialect).map(({ span }) => Number(body.toString('latin1', span.start, span.end)))
  return Math.max(0, ...numbers.filter(Number.isFinite))
}

/** Whether the caller itself says how long its answer may be. */
export function asksForLimit(body: Buffer, dialect: DialectName): boolean {
  return askedLimits(body, dialect).length > 0
}

function startOf({ edit }: Clamp): number {
  return edit.span.start
}

interface AskedLimit {
  readonly path: string
  readonly span: Span
}

function askedLimits(body: Buffer, dialect: DialectName): readonly AskedLimit[] {
  const { names, inside, innerNames } = PLACES[dialect]
  const members = scanMembers(body, { start: 0, end: body.length }, [...names, ...inside]) ?? []
  const outer = numbersAmong(body, members.slice(0, names.length), names)
  const inner = inside.flatMap((name, index) => {
    const span = members[names.length + index]
    const found = span === undefined ? null : scanMembers(body, span, innerNames)
    return numbersAmong(body, found ?? [], innerNames).map((each) => ({ ...each, path: `${name}.${each.path}` }))
  })
  return [...outer, ...inner]
}

/** A negative number is Ollama's word for no limit; what is no number is the provider's to judge. */
function numbersAmong(body: Buffer, spans: readonly (Span | undefined)[], names: readonly string[]): AskedLimit[] {
  return spans.flatMap((span, index) =>
    span !== undefined && isDigit(body[span.start]) ? [{ path: names[index] ?? '', span }] : [],
  )
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}
