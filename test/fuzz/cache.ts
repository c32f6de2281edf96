// What must be true of the cache's key and of its entries whatever bytes come: a request's spelling never matters, any
// change of what it says does, and an entry that was written by somebody else is none.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { Envelope } from '../../proxy/cache/envelope.ts'
import { EntryReader } from '../../proxy/cache/entry.ts'
import { judgeCall } from '../../proxy/cache/policy.ts'
import { policyReadingOf } from '../../proxy/cache/policy-tables.ts'
import { scanObject } from '../../proxy/json/scan.ts'
import { CALL_OPERATIONS, DIALECT_NAMES } from '../../proxy/table/schema.ts'
import { keyOf } from '../proxy/cache/keyed.ts'
import { chat, choices, Choices, isRequest, mutatedObject, spelled } from '../proxy/cache/spellings.ts'
import { CACHE } from '../support/proxy-rig.ts'
import { requestBytes } from './inputs.ts'

const keyOfBody = (body: string) => keyOf({ body })

export const sharesSpellings = fc.property(chat, choices, (body, how) => {
  return keyOfBody(spelled(body, new Choices(how), true)) === keyOfBody(JSON.stringify(body))
})

export const tellsRequestsApart = fc.property(chat, fc.nat(), (body, which) => {
  const others = [...mutatedObject(body, true)].filter(isRequest)
  const other = others[which % others.length]
  return other === undefined || keyOfBody(JSON.stringify(other)) !== keyOfBody(JSON.stringify(body))
})

export const judgesRequests = fc.property(
  requestBytes,
  fc.constantFrom(...CALL_OPERATIONS),
  fc.constantFrom(...DIALECT_NAMES),
  (bytes, operation, dialect) => {
    if (scanObject(bytes, []).kind !== 'members') return true
    const verdict = judgeCall(new Envelope(bytes), policyReadingOf(operation, dialect), CACHE)
    return verdict === null || typeof verdict === 'string'
  },
)

export const readsEntries = fc.property(fc.uint8Array({ maxLength: 256 }), fc.boolean(), (bytes, isHeaded) => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(Math.min(bytes.length, 64))
  const value = isHeaded ? Buffer.concat([head, bytes]) : Buffer.from(bytes)
  return new EntryReader().read(value) === null
})
