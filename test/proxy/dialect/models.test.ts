// Which models GET /models names: what a call could ask for and be answered, and nothing else.
import { describe, expect, test } from 'vitest'
import { listModels } from '../../../proxy/dialect/models.ts'
import { compileMatcher } from '../../../proxy/table/match.ts'
import { parseTable, type RoutingTable } from '../../../proxy/table/schema.ts'

const route = (name: string, models: string[], targets: string[]) => ({
  name: `shop/chat/${name}`,
  match: { models },
  backends: targets.map((target) => ({ target, weight: 1, tier: 0 })),
  ...(targets.length === 0 ? { unavailable: 'its provider is missing' } : {}),
  timeouts: { firstTokenMs: 1000, idleMs: 1000 },
  failover: { attempts: 1, on: [] },
})

const own = { provider: 'shop/own', dialect: 'OpenAI', url: 'http://own', models: ['qwen-small', 'llama'] }
const fixed = { provider: 'shop/openai', dialect: 'OpenAI', url: 'http://openai', model: 'gpt-5-mini' }

function tableOf(routes: object[]): RoutingTable {
  const parsed = parseTable({ schema: 1, requires: [], version: '0'.repeat(16), routes, targets: { own, fixed } })
  if (parsed.kind === 'faults') throw new Error(JSON.stringify(parsed.faults))
  return parsed.table
}

describe('the model list', () => {
  test.each([
    ['a rule without patterns names its target model', [route('all', [], ['fixed'])], ['gpt-5-mini']],
    [
      'exact names and auto are named as they are asked for',
      [route('a', ['auto', 'fast'], ['fixed'])],
      ['auto', 'fast'],
    ],
    [
      'where the own model goes through, the models of the provider',
      [route('all', [], ['own'])],
      ['qwen-small', 'llama'],
    ],
    ['only those that the patterns let through', [route('q', ['qwen-*'], ['own'])], ['qwen-small']],
    ['a rule that cannot answer names nothing', [route('none', ['fast'], [])], []],
  ])('%s', (_, routes, expected) => {
    const table = tableOf(routes)
    expect(listModels(table, compileMatcher(table)).map(({ id }) => id)).toEqual(expected)
  })
})
