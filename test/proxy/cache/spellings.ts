// Requests of all kinds, for properties of the cache's key: each in any spelling that says the same, and each with any
// single thing in it changed.
import fc from 'fast-check'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

const leaf = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const { value: anyJson } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 6 }).filter(isName), tie('value'), { maxKeys: 3 }),
  ),
}))

/** JavaScript moves names that are numbers, and loses this one. */
function isName(name: string): boolean {
  return !/^\d+$/.test(name) && name !== '__proto__'
}

export const chat = fc.record(
  {
    model: fc.constantFrom('gpt-5', 'm'),
    messages: fc.array(
      fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: fc.string({ unit: 'grapheme' }) }),
      { minLength: 1, maxLength: 3 },
    ),
    temperature: fc.constantFrom(0, 1, 0.2),
    seed: fc.maxSafeInteger(),
    tools: fc.array(fc.record({ type: fc.constant('function'), function: anyJson }), { maxLength: 2 }),
    response_format: anyJson,
    someday: anyJson,
  },
  { requiredKeys: ['model', 'messages'] },
) as fc.Arbitrary<{ readonly [name: string]: Json }>

/** Choices of a spelling, one after another and then again. */
export class Choices {
  readonly #choices: readonly number[]
  #next = 0

  constructor(choices: readonly number[]) {
    this.#choices = choices
  }

  of(count: number): number {
    const choice = this.#choices[this.#next++ % this.#choices.length] ?? 0
    return choice % count
  }
}

export const choices = fc.array(fc.nat(1000), { minLength: 5, maxLength: 40 })

export function spelled(value: Json, how: Choices, isEnvelope = false): string {
  const space = () => ['', '', ' ', '\n\t'][how.of(4)] ?? ''
  if (typeof value === 'string') return spelledText(value, how)
  if (typeof value === 'number') return spelledNumber(value, how)
  if (value === null || typeof value === 'boolean') return JSON.stringify(value)
  if (Array.isArray(value)) {
    return `[${space()}${value.map((item: Json) => spelled(item, how) + space()).join(`,${space()}`)}]`
  }
  const members = Object.entries(value).map(
    ([name, member]) => `${spelledText(name, how)}${space()}:${space()}${spelled(member, how)}${space()}`,
  )
  if (isEnvelope)
    for (let swaps = how.of(8); swaps > 0; swaps -= 1) members.push(...members.splice(how.of(members.length), 1))
  return `{${space()}${members.join(`,${space()}`)}}`
}

function spelledText(text: string, how: Choices): string {
  const written = JSON.stringify(text)
  if (how.of(3) > 0) return written
  const units = text.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `"${units.join('')}"`
}

function spelledNumber(value: number, how: Choices): string {
  const plain = JSON.stringify(value)
  const isWhole = /^-?\d+$/.test(plain)
  return (
    [
      plain,
      isWhole ? `${plain}.0` : plain,
      isWhole ? `${plain}e0` : plain,
      isWhole && value !== 0 ? `${plain}00E-2` : plain,
    ][how.of(4)] ?? plain
  )
}

/** Every value that differs from this one in one place. */
function* mutations(value: Json): Generator<Json> {
  if (typeof value === 'string') yield* [`${value}x`, value === '' ? ' ' : value.slice(1), null]
  else if (typeof value === 'number') yield* [value === 0 ? 1 : -value, String(value)]
  else if (value === null) yield* [false, '']
  else if (typeof value === 'boolean') yield* [!value, null]
  else if (Array.isArray(value)) yield* mutatedList(value)
  else yield* mutatedObject(value as { readonly [name: string]: Json })
}

function* mutatedList(list: readonly Json[]): Generator<Json> {
  yield [...list, null]
  if (list.length > 0) yield list.slice(1)
  for (const [index, item] of list.entries()) for (const other of mutations(item)) yield list.with(index, other)
}

export function* mutatedObject(
  object: { readonly [name: string]: Json },
  isEnvelope = false,
): Generator<{ [name: string]: Json }> {
  const members = Object.entries(object)
  yield { ...object, '': 0 }
  if (!isEnvelope && members.length > 1) yield Object.fromEntries(members.toReversed())
  for (const [index, [name, value]] of members.entries()) {
    yield Object.fromEntries(members.toSpliced(index, 1))
    if (!Object.hasOwn(object, `${name}x`)) yield Object.fromEntries(members.with(index, [`${name}x`, value]))
    for (const other of mutations(value)) yield Object.fromEntries(members.with(index, [name, other]))
  }
}

/** What is still one without a model, nobody reads. */
export function isRequest({ model }: { readonly [name: string]: Json }): boolean {
  return typeof model === 'string' && model !== ''
}
