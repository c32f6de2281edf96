// JSON as the translation handles it: what its values are, and how to tell them apart. json-text.ts makes them of text
// and text of them.

export type JsonValue = string | number | boolean | null | ExactNumber | JsonArray | JsonObject
export type JsonArray = readonly JsonValue[]
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined
}

/** A number that a double cannot hold, kept as it was written (the platform's raw JSON). Opaque to readers. */
export interface ExactNumber {
  readonly rawJSON: string
}

// The language's newest edition has this; the compiler's library does not yet.
const exact = JSON as unknown as { isRawJSON(value: unknown): boolean }

export function isExactNumber(value: JsonValue | undefined): value is ExactNumber {
  return exact.isRawJSON(value)
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)
}
