// Gemini's embeddings (REST reference of models.embedContent and batchEmbedContents): calls for one content and for
// several become one call for all of them. Each request within it says everything about itself; what differs must be
// content and title alone all the same, because a target of another dialect has one number of dimensions for all.
import { Buffer } from 'node:buffer'
import { parseJson } from '../dialect/neutral/json-text.ts'
import { isObject, type JsonObject } from '../dialect/neutral/json.ts'
import type { Call, Place } from '../exchange.ts'
import { scanElements, scanObject } from '../json/scan.ts'
import { splice } from '../json/splice.ts'
import type { BatchForm, Batchable, BatchPart } from './form.ts'
import { tokensOfText } from './input-list.ts'
import { countEntries, joined, joinLists, readList, shareTexts, sliceOf, splitList, weightsOf } from './split-list.ts'

const SHAPE = { list: 'embeddings', index: null, usage: ['usageMetadata'] } as const
const ONE_VERB = /:embedContent$/
const OWN_MEMBERS: ReadonlySet<string> = new Set(['content', 'title', 'model'])

export const geminiEmbeddings: BatchForm = {
  name: 'embeddings',
  read,
  write,
  split,
  join: (bodies, counts) => joinLists(bodies, SHAPE, counts),
}

function read({ received: { body, place }, model }: Call): Batchable | null {
  const items = isForOne(place) ? [body] : requestsOf(body)
  if (items === null || items.length === 0) return null
  const sameness = new Set<string>()
  for (const item of items) {
    const parsed = parseJson(item)
    if (parsed.kind === 'fault' || !isObject(parsed.value) || !isObject(parsed.value['content'])) return null
    sameness.add(parametersOf(parsed.value))
  }
  const [only] = sameness
  if (only === undefined || sameness.size > 1) return null
  const named = items.map((item) => withModel(item, model))
  return { form: geminiEmbeddings, sameness: only, items: named, tokens: items.map(tokensOfText), answersPerItem: 1 }
}

function isForOne({ path }: Place): boolean {
  return ONE_VERB.test(path ?? '')
}

/** Null: the body has something beside its requests. */
function requestsOf(body: Buffer): readonly Buffer[] | null {
  const scan = scanObject(body, ['requests'])
  const span = scan.kind === 'members' ? scan.spans[0] : undefined
  if (span === undefined) return null
  const parsed = parseJson(splice(body, span, Buffer.from('0')))
  if (parsed.kind === 'fault' || !isObject(parsed.value) || Object.keys(parsed.value).length !== 1) return null
  return [...scanElements(body, span)].map(({ start, end }) => body.subarray(start, end))
}

function parametersOf(request: JsonObject): string {
  const others = Object.entries(request).filter(([name]) => !OWN_MEMBERS.has(name))
  return JSON.stringify(others.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** Within a batch each request must name the model. */
function withModel(request: Buffer, model: string): Buffer {
  const scan = scanObject(request, ['model'])
  if (scan.kind === 'members' && scan.spans[0] !== undefined) return request
  const open = request.indexOf('{') + 1
  const name = Buffer.from(`"model":${JSON.stringify(nameOf(model))},`)
  return Buffer.concat([request.subarray(0, open), name, request.subarray(open)])
}

/** A tuned model says its kind itself. */
function nameOf(model: string): string {
  return model.includes('/') ? model : `models/${model}`
}

function write(parts: readonly Batchable[], { received: { place } }: Call): { place: Place; body: Buffer } {
  const items = parts.flatMap((part) => part.items)
  const body = Buffer.concat([Buffer.from('{"requests":['), ...joined(items), Buffer.from(']}')])
  if (!isForOne(place)) return { place, body }
  const forAll = (path: string) => path.replace(ONE_VERB, ':batchEmbedContents')
  const path = forAll(place.path ?? '')
  const endpoint = place.dialect.endpointOf('POST', path)
  return { place: { ...place, path, fullPath: forAll(place.fullPath), endpoint }, body }
}

function split(body: Buffer, parts: readonly BatchPart[]): readonly Buffer[] | null {
  const slices = parts.map(sliceOf)
  const answer = readList(body, SHAPE, countEntries(slices))
  if (answer === null) return null
  const [usage] = answer.usageSpans
  const shares = usage === undefined ? null : shareTexts(body, usage, weightsOf(answer, slices))
  const wholes = splitList(answer, SHAPE, slices)
  let from = 0
  return parts.flatMap(({ call, batchable }, index) => {
    const [first, whole] = [answer.entries[from], wholes[index]]
    from += batchable.items.length
    if (first === undefined || whole === undefined) return []
    return [isForOne(call.received.place) ? ofOne(first, shares?.[index]) : whole]
  })
}

/** An answer to embedContent. */
function ofOne(embedding: Buffer, usage: Buffer | undefined): Buffer {
  const counted = usage === undefined ? [] : [Buffer.from(',"usageMetadata":'), usage]
  return Buffer.concat([Buffer.from('{"embedding":'), embedding, ...counted, Buffer.from('}')])
}
