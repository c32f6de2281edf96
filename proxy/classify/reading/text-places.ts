// Where texts and media stand in the bodies of each operation, made from the tables of masking (redact/walk): those say
// of every place what it means, this keeps what a reader of texts wants of it. Unlike masking it refuses nothing: what
// no table knows is passed over, or counted as data.
import type { Place } from '../../exchange.ts'
import { FREE, type Shape } from '../../redact/walk/shape.ts'
import { shapeOf } from '../../redact/walk/shapes.ts'

/** text: words; data: JSON and the like, of tokens but no words; media: base64 or a link. */
export type PlaceUse = 'text' | 'data' | 'media'

export interface TextPlaces {
  /** Of a string that stands here; null: it says nothing. */
  readonly use: PlaceUse | null
  /** Members of an object here, those alone that lead to something. */
  readonly names: readonly string[]
  readonly members: readonly TextPlaces[]
  /** Elements of a list here; a list of a leaf is read as that leaf. */
  readonly items: TextPlaces | null
  readonly kinds: {
    readonly tag: string
    readonly places: ReadonlyMap<string, TextPlaces>
    readonly untagged: TextPlaces | null
  } | null
}

const NOTHING: TextPlaces = { use: null, names: [], members: [], items: null, kinds: null }

const USES: Readonly<Record<Shape['text'], PlaceUse | null>> = {
  text: 'text',
  json: 'data',
  signed: 'data',
  media: 'media',
  link: 'media',
  fileLink: 'media',
  keep: null,
  opaque: null,
}

/** Compiled once for each shape that was met; there are as many as the tables have. */
export function createTextPlaces(): (place: Pick<Place, 'dialect' | 'operation' | 'path'>) => TextPlaces | null {
  const compiled = new Map<Shape, TextPlaces>()
  return ({ dialect, operation, path }) => {
    const shape = shapeOf({ dialect: dialect.name, operation, path })
    return shape === null ? null : placesOf(shape, compiled)
  }
}

function placesOf(shape: Shape, compiled: Map<Shape, TextPlaces>): TextPlaces {
  const known = compiled.get(shape)
  if (known !== undefined) return known
  const places = isUniform(shape) ? leafOf(shape) : innerOf(shape, compiled)
  compiled.set(shape, places)
  return places
}

/** Its own elements: the same whatever it holds. */
function isUniform(shape: Shape): boolean {
  return shape.items === shape
}

function leafOf(shape: Shape): TextPlaces {
  const use = shape.refusal !== null ? null : shape === FREE ? 'data' : USES[shape.text]
  return { ...NOTHING, use }
}

function innerOf(shape: Shape, compiled: Map<Shape, TextPlaces>): TextPlaces {
  const all = [...shape.members].map(([name, member]) => [name, placesOf(member, compiled)] as const)
  const telling = all.filter(([, places]) => saysAnything(places))
  const { kinds } = shape
  const items = shape.items === FREE ? null : placesOf(shape.items, compiled)
  return {
    use: USES[shape.text],
    names: telling.map(([name]) => name),
    members: telling.map(([, places]) => places),
    items,
    kinds: kinds && {
      tag: kinds.tag,
      places: new Map([...kinds.shapes].map(([tag, each]) => [tag, placesOf(each, compiled)])),
      untagged: kinds.untagged && placesOf(kinds.untagged, compiled),
    },
  }
}

function saysAnything({ use, names, items, kinds }: TextPlaces): boolean {
  return use !== null || names.length > 0 || items !== null || kinds !== null
}
