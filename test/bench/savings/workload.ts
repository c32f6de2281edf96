// A day of a company's calls, in small: assistants in four dialects that are asked popular questions again and again,
// conversations along well-trodden paths, searches that embed their queries, and texts that are meant to differ every
// time. What is asked how often follows Zipf's law.
//
// Repeats are not made more alike than they are in life: callers write their own address into a question, spell their
// JSON in their own order, and want an answer streamed or whole.
import { seeded, wordsOf, zipf, type Random } from './chance.ts'
import { CHAT_DIALECTS, WRITERS, type Chat, type ChatDialect, type Turn } from './dialects.ts'

export interface WorkCall {
  readonly path: string
  readonly body: string
  /** Equal for calls that ask for the same: what a repeat is, whatever the cache takes for one. */
  readonly asks: string
  readonly kind: Kind
  /** The caller's own value, which must come back to it and to nobody else. */
  readonly own: string | null
}

export const KINDS = ['questions', 'conversations', 'searches', 'drafts'] as const
export type Kind = (typeof KINDS)[number]

const SHARES: Readonly<Record<Kind, number>> = { questions: 0.45, conversations: 0.25, searches: 0.15, drafts: 0.15 }
const CATALOGUE = { questions: 400, conversations: 60, searches: 300, drafts: 200 }
const EXPONENT = 1
/** Of the questions, which hold an address of their own; of all chats, which are streamed. */
const PRIVATE_SHARE = 0.2
const STREAMED_SHARE = 0.4
/** After a turn, a conversation goes on as others did with this chance. */
const TRODDEN_SHARE = 0.7

export function answerOf(asked: string): string {
  const random = seeded(Array.from(asked).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7))
  return wordsOf(20 + Math.floor(random() * 60), random)
}

export function makeWorkload(size: number, seed: number): readonly WorkCall[] {
  const random = seeded(seed)
  const makers: Readonly<Record<Kind, () => readonly WorkCall[]>> = {
    questions: questions(random),
    conversations: conversations(random),
    searches: searches(random),
    drafts: drafts(random),
  }
  const calls: WorkCall[] = []
  while (calls.length < size) {
    let drawn = random()
    const kind = KINDS.find((each) => (drawn -= SHARES[each]) < 0) ?? 'questions'
    // A conversation is several calls; it is begun so much more seldom.
    if (kind === 'conversations' && random() > 1 / 3) continue
    calls.push(...makers[kind]())
  }
  return calls.slice(0, size)
}

interface Ask {
  readonly kind: Kind
  readonly chat: Omit<Chat, 'isStreaming'>
  readonly dialect: ChatDialect
  readonly own: string | null
}

function chatCall({ kind, chat, dialect, own }: Ask, random: Random): WorkCall {
  const { path, body } = WRITERS[dialect]({ ...chat, isStreaming: random() < STREAMED_SHARE })
  const asks = JSON.stringify([dialect, chat])
  const entries = Object.entries(body)
  const ordered = random() < 0.3 ? Object.fromEntries(entries.toReversed()) : body
  const text = random() < 0.3 ? JSON.stringify(ordered, null, 2) : JSON.stringify(ordered)
  const said = own === null ? text : text.replaceAll('ADDRESS', own)
  return { path, body: said, asks, kind, own }
}

function systemOf(dialect: ChatDialect): string {
  return `You are the assistant of the ${dialect} team. ${wordsOf(120, seeded(dialect.length))}`
}

function questions(random: Random): () => readonly WorkCall[] {
  const rank = zipf(CATALOGUE.questions, EXPONENT, random)
  let customers = 0
  return () => {
    const number = rank()
    const dialect = CHAT_DIALECTS[(number % 7) % CHAT_DIALECTS.length] ?? 'OpenAI'
    const isPrivate = seeded(number)() < PRIVATE_SHARE
    const own = isPrivate ? `customer.${(customers += 1)}@example.com` : null
    const text = `${wordsOf(12, seeded(number))}?${isPrivate ? ' Answer to ADDRESS, please.' : ''}`
    const chat = { system: systemOf(dialect), turns: [{ role: 'user', text }] as const, temperature: 0 }
    return [chatCall({ kind: 'questions', chat, dialect, own }, random)]
  }
}

function conversations(random: Random): () => readonly WorkCall[] {
  const rank = zipf(CATALOGUE.conversations, EXPONENT, random)
  return () => {
    const number = rank()
    const dialect = CHAT_DIALECTS[number % CHAT_DIALECTS.length] ?? 'OpenAI'
    const turns: Turn[] = []
    const length = 2 + Math.floor(random() * 4)
    let isTrodden = true
    return Array.from({ length }, (_, at) => {
      isTrodden &&= at === 0 || random() < TRODDEN_SHARE
      const text = wordsOf(10, isTrodden ? seeded(number * 100 + at) : random)
      turns.push({ role: 'user', text })
      const chat = { system: systemOf(dialect), turns: [...turns], temperature: 0 }
      turns.push({ role: 'assistant', text: answerOf(text) })
      return chatCall({ kind: 'conversations', chat, dialect, own: null }, random)
    })
  }
}

function searches(random: Random): () => readonly WorkCall[] {
  const rank = zipf(CATALOGUE.searches, EXPONENT, random)
  return () => {
    const input = wordsOf(6, seeded(50_000 + rank()))
    const body = JSON.stringify({ model: 'vectors', input, encoding_format: 'base64' })
    return [{ path: '/v1/embeddings', body, asks: body, kind: 'searches', own: null }]
  }
}

function drafts(random: Random): () => readonly WorkCall[] {
  const rank = zipf(CATALOGUE.drafts, EXPONENT, random)
  return () => {
    const text = `Write something new about ${wordsOf(5, seeded(90_000 + rank()))}.`
    const chat = { system: systemOf('OpenAI'), turns: [{ role: 'user', text }] as const, temperature: 0.9 }
    return [chatCall({ kind: 'drafts', chat, dialect: 'OpenAI', own: null }, random)]
  }
}
