// What a place in a JSON document means to masking, as data: the tables beside this file say it for each operation of
// each dialect (openai.ts, anthropic.ts, gemini.ts, ollama.ts) and walker.ts reads a body by them.
//
// The default is safe: what no table names is free-form, where every string, name and long number is inspected. Tables
// name the exceptions (what must leave as it is) and the places where a kind that nobody knows is refused.

/**
 * text      inspected and masked
 * keep      leaves as it is where it is a word of the protocol or an id; what is none is inspected
 * opaque    signatures and what is encrypted: leaves as it is; what can be none is inspected, never changed
 * json      a JSON document written as a string; inspected as one
 * media     base64 or the like: cannot be inspected, is counted
 * link      a URL; `data:` ones are media
 * fileLink  the same; one of a file that the provider holds is refused
 * signed    inspected, never changed: a finding refuses the call
 */
export type TextUse = 'text' | 'keep' | 'opaque' | 'json' | 'media' | 'link' | 'fileLink' | 'signed'

/** Why a place must be empty. */
export type Refusal = 'state_not_maskable' | 'part_not_maskable'

export interface Shape {
  readonly text: TextUse
  /** Numbers of seven digits and more. */
  readonly numbers: 'keep' | 'inspected' | 'refused'
  readonly members: ReadonlyMap<string, Shape>
  /** Whether the server reads names of members in any case, as Go's do. */
  readonly ignoresCase: boolean
  /** Members that are not named; null: there may be none. */
  readonly others: Shape | null
  /** Whether the names of those are the caller's own words. */
  readonly hasFreeNames: boolean
  readonly items: Shape
  /** Objects tell by a member what they are; kinds that are not in the table are refused. */
  readonly kinds: Kinds | null
  /** Whether texts of neighbouring elements are read as one. */
  readonly joins: boolean
  /** Anything but null, false and what is empty is refused. */
  readonly refusal: Refusal | null
  /** JSON output is asked for where this says `json_object`, `json_schema` or a schema. */
  readonly asksForJson: boolean
}

export interface Kinds {
  readonly tag: string
  readonly shapes: ReadonlyMap<string, Shape>
  /** For objects without the tag. */
  readonly untagged: Shape | null
}

interface ShapeParts {
  readonly text?: TextUse
  readonly numbers?: Shape['numbers']
  readonly members?: Readonly<Record<string, Shape>>
  readonly ignoresCase?: true
  readonly others?: Shape | null
  readonly items?: Shape
  readonly kinds?: { readonly tag: string; readonly shapes: Readonly<Record<string, Shape>>; readonly untagged?: Shape }
  readonly joins?: true
  readonly refusal?: Refusal
  readonly asksForJson?: true
}

const NO_MEMBERS: ReadonlyMap<string, Shape> = new Map()

/** A shape that is its own members and elements. */
function uniform(text: TextUse, numbers: Shape['numbers'], parts: Partial<Shape> = {}): Shape {
  const shape = {
    text,
    numbers,
    members: NO_MEMBERS,
    ignoresCase: false,
    hasFreeNames: text !== 'signed' && text !== 'opaque',
    kinds: null,
    joins: false,
    refusal: null,
    asksForJson: false,
    ...parts,
  }
  const lazy: Shape = {
    ...shape,
    get others(): Shape {
      return lazy
    },
    get items(): Shape {
      return lazy
    },
  }
  return lazy
}

/** Whatever it holds: strings, names of members, long numbers. */
export const FREE = uniform('text', 'inspected')
export const KEEP = uniform('keep', 'keep')
export const OPAQUE = uniform('opaque', 'keep')
export const SIGNED = uniform('signed', 'keep')
export const MEDIA = uniform('media', 'keep')
export const LINK = uniform('link', 'keep')
export const FILE_LINK = uniform('fileLink', 'keep')
export const TEXT = uniform('text', 'inspected')
export const STATE = uniform('text', 'keep', { refusal: 'state_not_maskable' })
/** Arrays of token numbers are text that nobody here can read. */
export const TEXT_OR_TOKENS = uniform('text', 'refused')
export const REFUSED = uniform('text', 'keep', { refusal: 'part_not_maskable' })

/** An object, or whatever else its parts say; without `others` the members that are not named are free-form. */
export function shape(parts: ShapeParts): Shape {
  const { text = 'text', numbers = 'inspected', members, others = FREE, items = FREE, kinds, joins, refusal } = parts
  return {
    text,
    numbers,
    members: members === undefined ? NO_MEMBERS : new Map(Object.entries(members)),
    ignoresCase: parts.ignoresCase ?? false,
    others,
    hasFreeNames: true,
    items,
    kinds: kinds === undefined ? null : toKinds(kinds),
    joins: joins ?? false,
    refusal: refusal ?? null,
    asksForJson: parts.asksForJson ?? false,
  }
}

/** Objects with these members. */
export function object(members: Readonly<Record<string, Shape>>): Shape {
  return shape({ members })
}

/** Objects with these members, which the server knows in any case: `Context` is `context`. */
export function objectInAnyCase(members: Readonly<Record<string, Shape>>): Shape {
  return shape({ members, ignoresCase: true })
}

/** Objects with these members and no other: a new kind of part shows as a member here. */
export function closed(members: Readonly<Record<string, Shape>>): Shape {
  return shape({ members, others: null })
}

/** A text, or a list of elements. */
export function listOf(items: Shape): Shape {
  return shape({ items, numbers: 'inspected' })
}

/** A text, or a list of parts that tell their kind; neighbouring texts are read as one. */
export function partsOf(shapes: Readonly<Record<string, Shape>>, untagged?: Shape): Shape {
  const kinds = { tag: 'type', shapes, ...(untagged && { untagged }) }
  return shape({ items: shape({ kinds }), joins: true, kinds })
}

/** Members that leave as they are. */
export function kept(names: string): Record<string, Shape> {
  return Object.fromEntries(names.split(' ').map((name) => [name, KEEP]))
}

function toKinds({ tag, shapes, untagged }: NonNullable<ShapeParts['kinds']>): Kinds {
  return { tag, shapes: new Map(Object.entries(shapes)), untagged: untagged ?? null }
}
