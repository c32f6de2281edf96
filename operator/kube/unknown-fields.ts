// Fields of a spec that its schema does not have. The API server's strict decoding refuses them at `kubectl apply`;
// a folder has no API server, so a misspelt field must be found here or it would silently do nothing.
//
//   raw spec + parsed spec (which has only known fields) -> paths of the difference. Pure.

/** More than these are not told. */
const MAX_UNKNOWN_FIELDS = 10

export function unknownFields(raw: unknown, parsed: unknown): readonly string[] {
  return [...walk(raw, parsed, 'spec')].slice(0, MAX_UNKNOWN_FIELDS)
}

function* walk(raw: unknown, parsed: unknown, path: string): Generator<string> {
  if (Array.isArray(raw) && Array.isArray(parsed)) {
    for (const [index, item] of raw.entries()) yield* walk(item, parsed[index], `${path}[${index}]`)
  } else if (isRecord(raw) && isRecord(parsed)) {
    for (const [key, value] of Object.entries(raw)) {
      if (Object.hasOwn(parsed, key)) yield* walk(value, parsed[key], `${path}.${key}`)
      else if (value !== undefined) yield `${path}.${key}`
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
