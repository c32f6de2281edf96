// Both CRDs keep the API server's rules, and the check finds each way to break them.
import { describe, expect, test } from 'vitest'
import { type SchemaNode, objectSchema, resourceKinds } from '../../crds/definition.ts'
import { structuralFaults } from '../../crds/structural.ts'

const text = { type: 'string', maxLength: 10 }
const object = (properties: Record<string, unknown>, rest: SchemaNode = {}) => ({ type: 'object', properties, ...rest })
const list = (items: unknown, rest: SchemaNode = {}) => ({
  type: 'array',
  maxItems: 4,
  items,
  'x-kubernetes-list-type': 'atomic',
  ...rest,
})

const faulty: readonly (readonly [string, SchemaNode, string])[] = [
  ['a node without a type', object({ a: { maxLength: 1 } }), 'a: has no type that the API server knows (nothing)'],
  [
    'a number that is no integer',
    object({ a: { type: 'number' } }),
    'a: has no type that the API server knows (number)',
  ],
  ['a union', object({ a: { ...text, anyOf: [] } }), 'a: has "anyOf", which a structural schema must not have'],
  ['a reference', object({ a: { ...text, $ref: '#' } }), 'a: has "$ref", which a structural schema must not have'],
  ['an unknown format', object({ a: { ...text, format: 'odd' } }), 'a: has an unknown format "odd"'],
  [
    'refused unknown fields',
    object({}, { additionalProperties: false, maxProperties: 1 }),
    '(root): has both properties and additionalProperties: the API server allows one of them',
  ],
  [
    'a required field that does not exist',
    object({ a: text }, { required: ['b'] }),
    '(root): requires "b", which is not among its properties',
  ],
  [
    'a field that YAML 1.1 reads as true',
    object({ on: text }),
    '(root): has the field "on", which YAML 1.1 reads as a boolean',
  ],
  ['a text without a bound', object({ a: { type: 'string' } }), 'a: has no maxLength, so nothing bounds it'],
  [
    'a list without a bound',
    object({ a: list(text, { maxItems: undefined }) }),
    'a: has no maxItems, so nothing bounds it',
  ],
  [
    'a map without a bound',
    object({ a: { type: 'object', additionalProperties: text } }),
    'a: has no maxProperties, so nothing bounds it',
  ],
  [
    'a number without a bound',
    object({ a: { type: 'integer', minimum: 0 } }),
    'a: has no maximum, so nothing bounds it',
  ],
  ['a list without items', object({ a: list(undefined) }), 'a: is a list without one schema for its items'],
  [
    'a list whose merging is not said',
    object({ a: list(text, { 'x-kubernetes-list-type': undefined }) }),
    'a: is a list of type "nothing": say atomic or map',
  ],
  [
    'a map list without keys',
    object({ a: list(object({ k: text }), { 'x-kubernetes-list-type': 'map' }) }),
    'a: is a map list without x-kubernetes-list-map-keys',
  ],
  [
    'a map list with a key that may be absent',
    object({
      a: list(object({ k: text }), { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] }),
    }),
    'a: has the map key "k", which is neither required nor has a default',
  ],
  [
    'a list type on a text',
    object({ a: { ...text, 'x-kubernetes-list-type': 'set' } }),
    'a: has a list type but is no list',
  ],
  [
    'a map type on a text',
    object({ a: { ...text, 'x-kubernetes-map-type': 'atomic' } }),
    'a: has a map type but is no object',
  ],
  [
    'a default with a field that would be pruned',
    object({ a: object({ b: text }, { default: { c: 1 } }) }),
    'a: has a default that does not fit: the field "c" would be pruned',
  ],
  [
    'a default beyond its bound',
    object({ a: { ...text, default: '12345678901' } }),
    'a: has a default that does not fit: not a text that the schema allows',
  ],
  [
    'a default of another type',
    object({ a: list(text, { default: 'x' }) }),
    'a: has a default that does not fit: not a list',
  ],
  [
    'a rule without a sentence',
    object({ a: { ...text, 'x-kubernetes-validations': [{ rule: 'true' }] } }),
    'a: has a rule without a sentence for people',
  ],
  [
    'a fault deep inside lists and maps',
    object({ a: list(object({ b: { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } } })) }),
    'a[].b{}: has no maxLength, so nothing bounds it',
  ],
]

describe('structuralFaults', () => {
  test.each(resourceKinds)('finds nothing in $kind', (resource) => {
    expect(structuralFaults(objectSchema(resource))).toEqual([])
  })

  test.each(faulty)('finds %s', (_what, schema, expected) => {
    const printed = structuralFaults(schema).map(({ path, message }) => `${path}: ${message}`)
    expect(printed).toContain(expected)
  })

  test('finds nothing in a schema that uses everything it knows', () => {
    const schema = object(
      {
        a: { ...text, default: '0123456789', format: 'date-time' },
        b: { type: 'integer', minimum: 1, maximum: 2, default: 2 },
        c: list(object({ k: text }, { required: ['k'] }), {
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          default: [{ k: 'x' }],
        }),
        d: { type: 'object', additionalProperties: text, maxProperties: 2, 'x-kubernetes-map-type': 'atomic' },
        e: { type: 'boolean', default: false },
      },
      { required: ['a'], 'x-kubernetes-validations': [{ rule: 'true', message: 'always' }] },
    )
    expect(structuralFaults(schema)).toEqual([])
  })
})
