// Schemas of Gemini's older fields (OpenAPI 3.0 with types in capitals) -> JSON schema. The newer fields
// (`parametersJsonSchema`, `responseJsonSchema`) hold JSON schema already, and those are what we write.
import { isObject, type JsonObject, type JsonValue } from '../../neutral/json.ts'

/** Numbers that protobuf's JSON writes as text. */
const INT64_NAMES: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
])

/** Depth is bounded by the check of the whole body. */
export function fromOpenApi(schema: JsonObject): JsonObject {
  const isNullable = schema['nullable'] === true
  const converted = Object.entries(schema).flatMap(([name, value]): [string, JsonValue | undefined][] => {
    if (name === 'nullable' || name === 'propertyOrdering' || name === 'property_ordering') return []
    return [[name === 'any_of' ? 'anyOf' : name, convertMember(name, value)]]
  })
  const plain = Object.fromEntries(converted)
  return isNullable && typeof plain['type'] === 'string' ? { ...plain, type: [plain['type'], 'null'] } : plain
}

function convertMember(name: string, value: JsonValue | undefined): JsonValue | undefined {
  if (name === 'type' && typeof value === 'string') return value.toLowerCase()
  if (INT64_NAMES.has(name) && typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
  if (name === 'items' && isObject(value)) return fromOpenApi(value)
  if ((name === 'anyOf' || name === 'any_of') && Array.isArray(value)) {
    return value.map((item: JsonValue) => (isObject(item) ? fromOpenApi(item) : item))
  }
  if (name === 'properties' && isObject(value)) {
    const properties = Object.entries(value).map(([property, inner]) => [
      property,
      isObject(inner) ? fromOpenApi(inner) : inner,
    ])
    return Object.fromEntries(properties) as JsonObject
  }
  return value
}
