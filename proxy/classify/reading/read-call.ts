// A call as its classification and its estimate of tokens see it: who says what, in order, as places in the body.
//
//   body -> system texts | turns (role, texts, media) | tools -> classify.ts, tokens/
import type { Buffer } from 'node:buffer'
import type { Call, Span } from '../../exchange.ts'
import { readString, scanElements, scanMembers } from '../../json/scan.ts'
import type { DialectName } from '../../table/schema.ts'
import { MAX_PIECES, type Piece, PieceReader, NOWHERE } from './pieces.ts'
import type { TextPlaces } from './text-places.ts'

export type Speaker = 'user' | 'assistant' | 'system' | 'tool'

export interface Turn {
  readonly speaker: Speaker
  readonly pieces: readonly Piece[]
}

export interface CallReading {
  readonly body: Buffer
  /** Oldest first; system texts have turns of their own. */
  readonly turns: readonly Turn[]
  /** Definitions of tools: JSON that costs tokens. */
  readonly tools: readonly Span[]
  /** Where reading stopped because there was too much; null: all was read. */
  readonly stoppedAt: number | null
  /** A text that stands after the place to be filled in. */
  readonly hasSuffix: boolean
}

/** Members of a body by what they are; each operation has some of them. */
interface Members {
  readonly turns: readonly string[]
  readonly system: readonly string[]
  readonly tools: readonly string[]
}

const MEMBERS: Readonly<Record<DialectName, Members>> = {
  OpenAI: {
    turns: ['messages', 'input', 'prompt', 'suffix'],
    system: ['instructions'],
    tools: ['tools', 'functions', 'response_format'],
  },
  Anthropic: { turns: ['messages'], system: ['system'], tools: ['tools'] },
  Gemini: {
    turns: ['contents', 'content', 'requests'],
    system: ['systemInstruction', 'system_instruction'],
    tools: ['tools'],
  },
  Ollama: {
    turns: ['messages', 'prompt', 'input', 'suffix', 'images'],
    system: ['system'],
    tools: ['tools', 'format'],
  },
  Prompt: { turns: ['prompt'], system: [], tools: [] },
}

/** Gemini's count of tokens may hold the request that is counted. */
const INNER_REQUESTS = ['generateContentRequest', 'generate_content_request'] as const

const QUOTE = 0x22
const OPEN_BRACKET = 0x5b
const OPEN_BRACE = 0x7b

const SPEAKERS: Readonly<Record<string, Speaker>> = {
  user: 'user',
  assistant: 'assistant',
  model: 'assistant',
  system: 'system',
  developer: 'system',
  tool: 'tool',
  function: 'tool',
}

export function readTurns({ received }: Pick<Call, 'received'>, places: TextPlaces): CallReading {
  const { body, place } = received
  const whole = { start: 0, end: body.length }
  const inner = place.dialect.name === 'Gemini' ? innerRequest(body, places) : null
  const reader = new TurnReader(body, inner?.places ?? places)
  return reader.read(inner?.span ?? whole, MEMBERS[place.dialect.name])
}

function innerRequest(body: Buffer, places: TextPlaces): { readonly span: Span; readonly places: TextPlaces } | null {
  const spans = scanMembers(body, { start: 0, end: body.length }, INNER_REQUESTS) ?? []
  const index = spans.findIndex((span) => span !== undefined)
  const span = spans[index]
  const own = places.members[places.names.indexOf(INNER_REQUESTS[index] ?? '')]
  return span === undefined || own === undefined ? null : { span, places: own }
}

/** `label`: the member of the body that it stands in. */
interface Standing {
  readonly speaker: Speaker
  readonly label: string | null
}

class TurnReader {
  readonly #body: Buffer
  readonly #places: TextPlaces
  readonly #turns: Turn[] = []
  #pieceCount = 0
  #stoppedAt: number | null = null

  constructor(body: Buffer, places: TextPlaces) {
    this.#body = body
    this.#places = places
  }

  read(span: Span, { turns, system, tools }: Members): CallReading {
    const names = [...system, ...turns, ...tools]
    const spans = scanMembers(this.#body, span, names) ?? []
    const toolsFrom = system.length + turns.length
    for (let index = 0; index < toolsFrom; index += 1) {
      const member = spans[index]
      const places = this.#placesOf(names[index])
      if (member === undefined || places === null) continue
      if (index < system.length) this.#turn(member, places, { speaker: 'system', label: null })
      else this.#member(member, places, names[index] ?? null)
    }
    const suffix = spans[names.indexOf('suffix')]
    return {
      body: this.#body,
      turns: this.#turns,
      tools: spans.slice(toolsFrom).filter((each) => each !== undefined),
      stoppedAt: this.#stoppedAt,
      hasSuffix: suffix !== undefined && this.#body[suffix.start] === QUOTE && suffix.end - suffix.start > 2,
    }
  }

  #placesOf(name: string | undefined): TextPlaces | null {
    const index = name === undefined ? -1 : this.#places.names.indexOf(name)
    return this.#places.members[index] ?? null
  }

  /** A text, or a list whose objects are turns and whose texts are one of the user's. */
  #member(span: Span, places: TextPlaces, label: string | null): void {
    if (this.#body[span.start] !== OPEN_BRACKET)
      return this.#turn(span, places, { speaker: this.#speakerOf(span), label })
    const items = places.items ?? places
    for (const element of scanElements(this.#body, span)) {
      if (this.#stoppedAt !== null) return
      this.#turn(element, items, { speaker: this.#speakerOf(element), label })
    }
  }

  #turn(span: Span, places: TextPlaces, { speaker, label }: Standing): void {
    const reader = new PieceReader(this.#body)
    reader.read(span, places, { ...NOWHERE, label })
    if (reader.pieces.length > 0) this.#turns.push({ speaker, pieces: reader.pieces })
    this.#pieceCount += reader.pieces.length
    if (this.#pieceCount >= MAX_PIECES) this.#stoppedAt ??= reader.pieces.at(-1)?.span.end ?? span.end
  }

  #speakerOf(span: Span): Speaker {
    if (this.#body[span.start] !== OPEN_BRACE) return 'user'
    const [role, type] = scanMembers(this.#body, span, ['role', 'type']) ?? []
    const spoken = role === undefined ? null : readString(this.#body, role)
    if (spoken !== null && Object.hasOwn(SPEAKERS, spoken)) return SPEAKERS[spoken] ?? 'user'
    const kind = type === undefined ? null : readString(this.#body, type)
    if (kind === null) return 'user'
    if (kind.endsWith('_output')) return 'tool'
    return /_call$|^reasoning$/.test(kind) ? 'assistant' : 'user'
  }
}
