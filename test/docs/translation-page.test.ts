// The page of what is carried, dropped and refused tells of every request and says what the translation does.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { askable, translationPage } from '../../docs/translation-page.ts'
import { SAMPLES } from '../../docs/translation-samples.ts'
import { fateOf, FORMATS } from '../../proxy/dialect/neutral/carries.ts'
import type { FormatName } from '../../proxy/dialect/neutral/chat.ts'
import type { JsonObject } from '../../proxy/dialect/neutral/json.ts'
import { featuresOf } from '../../proxy/dialect/translate/settle.ts'
import { readRequest, translateRequest } from '../../proxy/dialect/translate/translate-request.ts'

const GOLDEN = join(import.meta.dirname, '../golden/dialects/requests')
const golden = readdirSync(GOLDEN)
  .filter((name) => name.endsWith('.in.json'))
  .map((name) => ({ name, ...(JSON.parse(readFileSync(join(GOLDEN, name), 'utf8')) as Golden) }))

interface Golden {
  readonly from: FormatName
  readonly body: JsonObject
}

function featuresIn(body: JsonObject, from: FormatName) {
  const read = readRequest(body, from)
  return read.kind === 'read' ? featuresOf(read.request, from) : new Map()
}

test.each(golden)('knows all that $name asks for', ({ from, body }) => {
  const known = askable(from)
  expect([...featuresIn(body, from).keys()].filter((feature) => !known.has(feature))).toEqual([])
})

const PAIRS = FORMATS.flatMap((from) =>
  FORMATS.filter((to) => to !== from && to !== 'OpenAIResponses').map((to) => ({ from, to })),
)

describe.each(PAIRS)('from $from to $to', ({ from, to }) => {
  test.each(SAMPLES[from].map((body, index) => ({ index, body })))('sample $index fares as written', ({ body }) => {
    const features = [...featuresIn(body, from)]
    const refused = features.filter(([feature]) => fateOf(feature, to) === 'refused')
    // Reasoning is dropped where there is some to drop; no more names are told than fit a header.
    const dropped = features.filter(([name]) => fateOf(name, to) === 'dropped' && name !== 'reasoningHistory')
    const result = translateRequest(body, { from, to, model: 'm' })
    const said = result.kind === 'refused' ? result.sentence : result.dropped.join(' ')
    expect(result.kind).toBe(refused.length > 0 ? 'refused' : 'request')
    for (const [, field] of refused.length > 0 ? refused : dropped) expect(said).toContain(field)
  })
})

test('has a table for every caller, with the caller’s own names of the fields', () => {
  const page = translationPage((text) => text)
  expect(page.match(/^## From /gm)).toHaveLength(FORMATS.length)
  expect(page).toContain('| stop sequences | `generationConfig.stopSequences` | yes | yes | yes | refused |')
  expect(page).toContain('| the seed | `options.seed` | yes | dropped | yes | dropped |')
})
