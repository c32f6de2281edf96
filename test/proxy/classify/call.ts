// Calls as their dialects read them, for tests of what is made of them.
import { Buffer } from 'node:buffer'
import { Caller } from '../../../proxy/caller.ts'
import { recognise } from '../../../proxy/dialect/recognise.ts'
import type { Call } from '../../../proxy/exchange.ts'

export const CHAT = '/v1/chat/completions'

export function readCall(url: string, request: object | string): Call {
  const place = recognise('POST', url)
  const body = Buffer.from(typeof request === 'string' ? request : JSON.stringify(request))
  const original = { read: body, sent: body }
  const received = {
    id: 'test',
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

export function chatOf(...texts: readonly string[]): Call {
  const messages = texts.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }))
  return readCall(CHAT, { model: 'auto', messages })
}
