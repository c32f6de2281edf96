// A request that stays in its own dialect, without the reasoning that another vendor signed: an application that was
// answered across dialects before sends it back, and the vendor of its own dialect would refuse the whole request for
// it. The only time that such a request is written anew; one search of its bytes tells whether it must be.
import type { Buffer } from 'node:buffer'
import { parseReply, writeJson } from '../dialect/neutral/json-text.ts'
import { isObject } from '../dialect/neutral/json.ts'
import { holdsForeignReasoning, withoutForeignReasoning } from '../dialect/translate/foreign-reasoning.ts'
import type { Place } from '../exchange.ts'
import { callerFormat } from './formats.ts'

/** The same buffer where nothing of it is foreign. */
export function withoutForeignThoughts(body: Buffer, place: Place): Buffer {
  const format = callerFormat(place)
  if (format === null || !holdsForeignReasoning(body)) return body
  const parsed = parseReply(body)
  if (parsed.kind === 'fault' || !isObject(parsed.value)) return body
  return writeJson(withoutForeignReasoning(parsed.value, format))
}
