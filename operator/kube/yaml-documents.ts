// Text of a yaml file to plain values, the way kubectl reads it: YAML 1.1 scalars (`0644` is octal, `yes` is true) and
// merge keys, dates stay text. js-yaml's own default is the 1.2 core schema, which would read the same file otherwise.
//
//   text -> parseYamlDocuments -> documents | one fault with its line. Never throws.
import {
  boolYaml11Tag,
  defineScalarTag,
  floatCoreTag,
  intCoreTag,
  intYaml11Tag,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
  YAMLException,
} from 'js-yaml'

/** A larger file is not read: the API server would not take such an object either. */
export const MAX_YAML_BYTES = 3 * 1024 * 1024

/** Aliases multiply text; resources have no use for many. */
export const MAX_YAML_ALIASES = 100

export type YamlDocuments =
  | { readonly kind: 'documents'; readonly documents: readonly unknown[] }
  | { readonly kind: 'fault'; readonly line: number | null; readonly message: string }

export function parseYamlDocuments(text: string): YamlDocuments {
  const sizeBytes = Buffer.byteLength(text)
  if (sizeBytes > MAX_YAML_BYTES) {
    return { kind: 'fault', line: null, message: `${sizeBytes} bytes are more than the limit of ${MAX_YAML_BYTES}` }
  }
  if (text.trim() === '') return { kind: 'documents', documents: [] }
  try {
    const documents = loadAll(text, { schema: kubectlSchema(), maxAliases: MAX_YAML_ALIASES })
    // A separator at the end, or comments alone, make an empty document.
    return { kind: 'documents', documents: documents.filter((document) => document !== null && document !== undefined) }
  } catch (error) {
    return { kind: 'fault', ...toFault(error) }
  }
}

function kubectlSchema(): Schema {
  // kubectl's library has no base-60 numbers (`10:30` is text to it) and knows the octals of both versions.
  const integer = defineScalarTag(intYaml11Tag.tagName, {
    ...intYaml11Tag,
    resolve: (source, isExplicit, tagName) => {
      if (source.includes(':')) return NOT_RESOLVED
      const number = intYaml11Tag.resolve(source, isExplicit, tagName)
      return number === NOT_RESOLVED ? intCoreTag.resolve(source, isExplicit, tagName) : number
    },
  })
  return new Schema([strTag, seqTag, mapTag, nullYaml11Tag, boolYaml11Tag, integer, floatCoreTag, mergeTag])
}

function toFault(error: unknown): { line: number | null; message: string } {
  if (!(error instanceof YAMLException)) return { line: null, message: String(error) }
  return { line: error.mark ? error.mark.line + 1 : null, message: error.reason }
}
