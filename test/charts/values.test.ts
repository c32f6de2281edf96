// values.yaml and its schema agree: every key is there, valid and commented, and what is misspelt is refused.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { chartValues } from '../../crds/chart-values.ts'

const text = readFileSync(fileURLToPath(new URL('../../charts/modelroute/values.yaml', import.meta.url)), 'utf8')
const values = load(text) as Record<string, unknown>

/** A JSON schema as far as these tests walk it. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: unknown
  readonly required?: readonly string[]
  readonly description?: string
}

const schema = z.toJSONSchema(chartValues, { target: 'draft-7', io: 'input' }) as Node

function nodesOf(node: Node, path = ''): [string, Node][] {
  const below = Object.entries(node.properties ?? {}).flatMap(([name, child]) => nodesOf(child, `${path}.${name}`))
  return [[path || '(root)', node], ...below]
}

describe('values.yaml', () => {
  test('is valid', () => expect(chartValues.safeParse(values).error).toBeUndefined())

  test('has a comment above every key', () => {
    const lines = text.split('\n')
    const keyLine = /^\s*[A-Za-z]+:/
    const bare = lines.filter((line, at) => keyLine.test(line) && !/^\s*#/.test(lines[at - 1] ?? ''))
    expect(bare).toEqual([])
  })

  test('has every key of the schema', () => {
    const missing = Object.keys(schema.properties ?? {}).filter((key) => key !== 'global' && !(key in values))
    expect(missing).toEqual([])
  })
})

describe('values.schema.json', () => {
  test('says for every object which keys it may have', () => {
    const open = nodesOf(schema).filter(
      ([, node]) => node.properties !== undefined && node.additionalProperties !== false,
    )
    expect(open.map(([path]) => path)).toEqual([])
  })

  test('describes every value', () => {
    const silent = nodesOf(schema).filter(([path, node]) => path !== '(root)' && !node.description)
    expect(silent.map(([path]) => path)).toEqual([])
  })

  test.each([
    ['a misspelt key', { replicas: 3 }],
    ['a misspelt key inside', { webhook: { failurepolicy: 'Fail' } }],
    ['a policy that does not exist', { webhook: { failurePolicy: 'Maybe' } }],
    ['no replica', { replicaCount: 0 }],
    ['memory that is no quantity', { resources: { requests: { memory: '1 GB' } } }],
  ])('refuses %s', (_what, change) => {
    expect(chartValues.safeParse(merge(values, change)).success).toBe(false)
  })
})

function merge(base: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  const merged = Object.entries(change).map(([key, value]) => {
    const below = base[key]
    return [key, isObject(value) && isObject(below) ? merge(below, value) : value] as const
  })
  return { ...base, ...Object.fromEntries(merged) }
}
