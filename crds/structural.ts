// The API server's rules for the schema of a custom resource, as a pure check: what it would refuse when the CRD is
// applied, and what would make its CEL rules too dear (a list, map or text without a bound).
// Source: Kubernetes documentation, "Specifying a structural schema", "Defaulting", and merge strategy markers.
//
// Judges a schema; it neither fixes nor prints one. The API server stays the judge of the CEL expressions.
import type { SchemaNode } from './definition.ts'

export interface StructuralFault {
  /** Where in the schema: `spec.rules[].name`. */
  readonly path: string
  readonly message: string
}

type Check = (node: SchemaNode) => readonly string[]

/** Keywords a node may have; unions, references and conditions are left out on purpose. */
const keywords = new Set([
  'description',
  'type',
  'format',
  'enum',
  'default',
  'nullable',
  'properties',
  'required',
  'items',
  'additionalProperties',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
])
const types = new Set(['object', 'array', 'string', 'integer', 'boolean'])
const formats = new Set(['date-time', 'int32', 'int64'])

/** kubectl reads YAML 1.1, where these are booleans as keys too: a field `on` would arrive as `true`. */
const yamlBooleans = /^(y|yes|n|no|true|false|on|off)$/i

const checks: readonly Check[] = [
  checkKeywords,
  checkNames,
  checkType,
  checkChildren,
  checkBounds,
  checkListType,
  checkMapType,
  checkDefault,
  checkValidations,
]

/** Every fault below this node, in the order of the schema. */
export function structuralFaults(node: SchemaNode, path = ''): StructuralFault[] {
  const here = checks.flatMap((check) => check(node)).map((message) => ({ path: path || '(root)', message }))
  const below = childrenOf(node).flatMap(([step, child]) => structuralFaults(child, joinPath(path, step)))
  return [...here, ...below]
}

function childrenOf(node: SchemaNode): [string, SchemaNode][] {
  const children = Object.entries(propertiesOf(node))
  if (isObject(node['items'])) children.push(['[]', node['items']])
  if (isObject(node['additionalProperties'])) children.push(['{}', node['additionalProperties']])
  return children
}

function joinPath(path: string, step: string): string {
  return path === '' || step === '[]' || step === '{}' ? path + step : `${path}.${step}`
}

function checkKeywords(node: SchemaNode): string[] {
  return Object.keys(node)
    .filter((keyword) => !keywords.has(keyword))
    .map((keyword) => `has "${keyword}", which a structural schema must not have`)
}

function checkNames(node: SchemaNode): string[] {
  return Object.keys(propertiesOf(node))
    .filter((name) => yamlBooleans.test(name))
    .map((name) => `has the field "${name}", which YAML 1.1 reads as a boolean`)
}

function checkType({ type, format }: SchemaNode): string[] {
  const faults = types.has(show(type)) ? [] : [`has no type that the API server knows (${show(type)})`]
  if (format !== undefined && !formats.has(show(format))) faults.push(`has an unknown format "${show(format)}"`)
  return faults
}

function checkChildren(node: SchemaNode): string[] {
  const faults: string[] = []
  if (node['type'] === 'array' && !isObject(node['items'])) faults.push('is a list without one schema for its items')
  if ('properties' in node && 'additionalProperties' in node) {
    faults.push('has both properties and additionalProperties: the API server allows one of them')
  }
  if ('additionalProperties' in node && !isObject(node['additionalProperties'])) {
    faults.push('has additionalProperties that are no schema: unknown fields are pruned, not refused')
  }
  for (const name of textsOf(node['required'])) {
    if (!(name in propertiesOf(node))) faults.push(`requires "${name}", which is not among its properties`)
  }
  return faults
}

/** CEL is charged for the largest value a schema allows, so each list, map and text says how large it can be. */
function checkBounds(node: SchemaNode): string[] {
  if (node['type'] === 'array') return boundFault(node, 'maxItems')
  if (node['type'] === 'object' && 'additionalProperties' in node) return boundFault(node, 'maxProperties')
  if (node['type'] === 'integer') return [...boundFault(node, 'minimum'), ...boundFault(node, 'maximum')]
  const isOpenText = node['type'] === 'string' && !('enum' in node)
  return isOpenText ? boundFault(node, 'maxLength') : []
}

function boundFault(node: SchemaNode, keyword: string): string[] {
  return typeof node[keyword] === 'number' ? [] : [`has no ${keyword}, so nothing bounds it`]
}

function checkListType(node: SchemaNode): string[] {
  const listType = node['x-kubernetes-list-type']
  const keys = textsOf(node['x-kubernetes-list-map-keys'])
  if (node['type'] !== 'array') return listType === undefined ? [] : ['has a list type but is no list']
  if (listType === 'atomic') return keys.length === 0 ? [] : ['is an atomic list, which has no map keys']
  if (listType !== 'map') return [`is a list of type "${show(listType)}": say atomic or map`]
  if (keys.length === 0) return ['is a map list without x-kubernetes-list-map-keys']
  const items = isObject(node['items']) ? node['items'] : {}
  return keys.flatMap((key) => {
    const property = propertiesOf(items)[key]
    if (property === undefined) return [`has the map key "${key}", which its items lack`]
    if (property['type'] === 'object' || property['type'] === 'array') return [`has the map key "${key}", no scalar`]
    const isAlwaysThere = textsOf(items['required']).includes(key) || 'default' in property
    return isAlwaysThere ? [] : [`has the map key "${key}", which is neither required nor has a default`]
  })
}

function checkMapType(node: SchemaNode): string[] {
  const mapType = node['x-kubernetes-map-type']
  if (mapType === undefined) return []
  if (node['type'] !== 'object') return ['has a map type but is no object']
  return mapType === 'atomic' || mapType === 'granular' ? [] : [`has the unknown map type "${show(mapType)}"`]
}

function checkDefault(node: SchemaNode): string[] {
  if (!('default' in node)) return []
  return misfits(node['default'], node).map((misfit) => `has a default that does not fit: ${misfit}`)
}

/** Why the API server would refuse this default: a wrong type, an unknown field or value, or too much of it. */
function misfits(value: unknown, node: SchemaNode): string[] {
  switch (node['type']) {
    case 'object':
      return isObject(value) ? objectMisfits(value, node) : ['not an object']
    case 'array':
      return Array.isArray(value) ? arrayMisfits(value, node) : ['not a list']
    case 'integer':
      return Number.isSafeInteger(value) && isWithin(Number(value), node, ['minimum', 'maximum'])
        ? []
        : ['not an integer within its bounds']
    case 'string':
      return typeof value === 'string' && isTextOf(value, node) ? [] : ['not a text that the schema allows']
    default:
      return typeof value === node['type'] ? [] : [`not of type ${show(node['type'])}`]
  }
}

function objectMisfits(value: SchemaNode, node: SchemaNode): string[] {
  const additional = node['additionalProperties']
  return Object.entries(value).flatMap(([name, inner]) => {
    const schema = propertiesOf(node)[name] ?? (isObject(additional) ? additional : undefined)
    return schema === undefined ? [`the field "${name}" would be pruned`] : misfits(inner, schema)
  })
}

function arrayMisfits(value: readonly unknown[], node: SchemaNode): string[] {
  const items = isObject(node['items']) ? node['items'] : {}
  const tooMany = isWithin(value.length, node, ['minItems', 'maxItems']) ? [] : ['not within minItems and maxItems']
  return [...tooMany, ...value.flatMap((inner) => misfits(inner, items))]
}

function isTextOf(value: string, node: SchemaNode): boolean {
  if (Array.isArray(node['enum']) && !node['enum'].includes(value)) return false
  if (typeof node['pattern'] === 'string' && !new RegExp(node['pattern']).test(value)) return false
  return isWithin(value.length, node, ['minLength', 'maxLength'])
}

function isWithin(value: number, node: SchemaNode, [least, most]: readonly [string, string]): boolean {
  return value >= Number(node[least] ?? -Infinity) && value <= Number(node[most] ?? Infinity)
}

function checkValidations(node: SchemaNode): string[] {
  const rules = node['x-kubernetes-validations']
  if (rules === undefined) return []
  if (!Array.isArray(rules)) return ['has x-kubernetes-validations that are no list']
  return rules.flatMap((rule: unknown) => {
    if (!isObject(rule) || typeof rule['rule'] !== 'string' || rule['rule'].trim() === '') return ['has an empty rule']
    const message = rule['message']
    if (typeof message !== 'string' || message.trim() === '') return ['has a rule without a sentence for people']
    return message.includes('\n') || message.length > 2048 ? ['has a rule whose sentence is not one short line'] : []
  })
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}

function propertiesOf(node: SchemaNode): Readonly<Record<string, SchemaNode>> {
  return isObject(node['properties']) ? (node['properties'] as Record<string, SchemaNode>) : {}
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : []
}

function isObject(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
