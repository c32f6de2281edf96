// Calls as a dialect reads them, for tests of choices.
import { Buffer } from 'node:buffer'
import { Caller } from '../../../proxy/caller.ts'
import { recognise } from '../../../proxy/dialect/recognise.ts'
import type { Call } from '../../../proxy/exchange.ts'

export interface ChatCallSpec {
  readonly model?: string
  readonly user?: string
  readonly said?: string
  readonly headers?: readonly string[]
  readonly stream?: boolean
}

export function chatCall({ model = 'any', user, said = 'hello', headers = [], stream }: ChatCallSpec = {}): Call {
  const place = recognise('POST', '/v1/chat/completions', [...headers])
  const messages = [{ role: 'user', content: said }]
  const body = Buffer.from(JSON.stringify({ model, messages, user, stream }))
  const call = place.endpoint?.readCall?.({
    id: 'a-call',
    method: 'POST',
    place,
    rawHeaders: [...headers],
    body,
    original: { read: body, sent: body },
    receivedAtMs: 0,
    caller: new Caller(),
  })
  if (call?.kind !== 'call') throw new Error(`not a call: ${JSON.stringify(call)}`)
  return call
}
