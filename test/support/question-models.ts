// A chat model that answers every question in a way that can be foretold, alone or among others, and that makes the
// mistakes of real models when it is asked for several at once: on purpose, as often as a test says.
import { createHash } from 'node:crypto'
import { answers, type Behaviour } from './upstream.ts'

export const MISTAKES = [
  'leaves one out',
  'gives one twice',
  'swaps two answers',
  'swaps the ends of two',
  'cuts the reply off',
  'cuts an answer off',
  'talks before and after',
  'talks within the list',
  'adds to an answer',
  'forgets the marks',
  'answers with an object',
  'answers in prose',
  'answers with a list of numbers',
  'answers nothing',
  'invents a mark',
] as const
export type Mistake = (typeof MISTAKES)[number]

export interface QuestionModel {
  /** Which mistakes it makes in the reply to its `n`th request for several. */
  readonly mistakesIn?: (n: number) => readonly Mistake[]
  readonly answerTo?: (question: string, instructions: string) => string
}

/** Depends on every character, and holds what is hard to tell apart from the frame around it. */
export function answerTo(question: string, instructions: string): string {
  const digest = createHash('sha256').update(`${instructions}\n${question}`).digest('hex')
  return `${digest.slice(0, 8)} | "${question.slice(0, 20)}" \\ ${digest.slice(8, 12)}\n— 好`
}

interface Message {
  readonly role: string
  readonly content: string
}

interface Question {
  readonly id: string
  readonly text: string
  readonly end: string
}

/** About as a vendor counts. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4)
}

export function questionsIn(content: unknown): readonly Question[] | null {
  if (typeof content !== 'string' || !content.startsWith('{"questions":')) return null
  return (JSON.parse(content) as { questions: readonly Question[] }).questions
}

/** Asked in OpenAI's dialect. */
export function repliesTo({ mistakesIn = () => [], answerTo: say = answerTo }: QuestionModel = {}): Behaviour {
  let merged = 0
  return (response, request) => {
    const { messages } = JSON.parse(request.body) as { messages: readonly Message[] }
    const texts = messages.map(({ content }) => String(content))
    const asked = texts.at(-1) ?? ''
    const questions = questionsIn(asked)
    // The instructions of the batch itself come last.
    const instructions = texts.slice(0, questions === null ? -1 : -2).join('\n')
    const reply =
      questions === null
        ? say(asked, instructions)
        : replyTo(
            questions.map(({ id, text, end }) => ({ id, end, said: say(text, instructions) })),
            mistakesIn(merged++),
          )
    const [inputTokens, outputTokens] = [countTokens(texts.join('')) + 4 * texts.length, countTokens(reply)]
    answers({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'stub',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: reply } }],
      usage: {
        prompt_tokens: inputTokens,
        completion_tokens: outputTokens,
        total_tokens: inputTokens + outputTokens,
      },
    })(response, request)
  }
}

interface Said {
  readonly id: string
  readonly said: string
  readonly end: string
}

function replyTo(list: readonly Said[], mistakes: readonly Mistake[]): string {
  const said = mistakes.reduce<readonly Said[]>((entries, mistake) => IN_THE_LIST[mistake]?.(entries) ?? entries, list)
  const strings: readonly unknown[] = said.map((entry) => `${entry.id}|${entry.said}|${entry.end}`)
  const mistaken = mistakes.reduce((entries, mistake) => IN_THE_STRINGS[mistake]?.(entries) ?? entries, strings)
  const text = JSON.stringify({ answers: mistaken })
  return mistakes.reduce((reply, mistake) => IN_THE_TEXT[mistake]?.(reply) ?? reply, text)
}

type Table<Value> = Partial<Readonly<Record<Mistake, (value: Value) => Value>>>

const first = (entries: readonly Said[], change: (one: Said, two: Said) => readonly Said[]): readonly Said[] => {
  const [one, two, ...rest] = entries
  return one === undefined || two === undefined ? entries : [...change(one, two), ...rest]
}

const IN_THE_LIST: Table<readonly Said[]> = {
  'leaves one out': (entries) => entries.slice(1),
  'gives one twice': (entries) => first(entries, (one, two) => [one, { ...one, said: 'another' }, two]),
  'swaps two answers': (entries) =>
    first(entries, (one, two) => [
      { ...one, id: two.id },
      { ...two, id: one.id },
    ]),
  'swaps the ends of two': (entries) =>
    first(entries, (one, two) => [
      { ...one, end: two.end },
      { ...two, end: one.end },
    ]),
  'invents a mark': (entries) => first(entries, (one, two) => [{ ...one, id: 'zzz' }, two]),
}

const IN_THE_STRINGS: Table<readonly unknown[]> = {
  'cuts an answer off': ([one, ...rest]) => [String(one).slice(0, -5), ...rest],
  'adds to an answer': ([one, ...rest]) => [`${String(one)} I hope this helps!`, ...rest],
  'forgets the marks': ([one, ...rest]) => [String(one).split('|')[1], ...rest],
  'talks within the list': (strings) => ['Here you are:', ...strings, null, 'Anything | else?'],
  'answers with a list of numbers': (strings) => strings.map((_, index) => index),
}

const IN_THE_TEXT: Table<string> = {
  'cuts the reply off': (reply) => reply.slice(0, Math.floor(reply.length * 0.6)),
  'talks before and after': (reply) => `Sure! Here is the JSON:\n\`\`\`json\n${reply}\n\`\`\`\nAnything else?`,
  'answers with an object': (reply) => reply.replace('{"answers":[', '{"answers":{"all":[').replace(/\]\}$/, ']}}'),
  'answers in prose': () => 'I am sorry, I cannot answer in JSON.',
  'answers nothing': () => '',
}
