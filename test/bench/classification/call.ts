// A chat call with one turn of the user, as the proxy has it after reading: what is judged and measured is the whole
// way from the body's bytes.
import { Buffer } from 'node:buffer'
import { Caller } from '../../../proxy/caller.ts'
import { recognise } from '../../../proxy/dialect/recognise.ts'
import type { Call } from '../../../proxy/exchange.ts'

export function callOf(text: string): Call {
  return readCall('/v1/chat/completions', { model: 'auto', messages: [{ role: 'user', content: text }] })
}

export function readCall(url: string, request: object): Call {
  const place = recognise('POST', url)
  const body = Buffer.from(JSON.stringify(request))
  const original = { read: body, sent: body }
  const received = {
    id: 'bench',
    method: 'POST',
    place,
    rawHeaders: [],
    body,
    original,
    receivedAtMs: 0,
    caller: new Caller(),
  }
  const call = place.endpoint?.readCall?.(received)
  if (call === undefined || call.kind === 'failure') throw new Error(`no call: ${call?.message ?? url}`)
  return call
}
