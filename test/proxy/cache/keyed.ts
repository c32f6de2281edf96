// The key of a request that is given as text, for tests: read and routed as the pipeline does it, on a table with one
// rule. Without masking; what slots do is tested through the front door.
import { Caller } from '../../../proxy/caller.ts'
import { Envelope } from '../../../proxy/cache/envelope.ts'
import { KeyMaker, type KeyedCall, type ScopeNames } from '../../../proxy/cache/key.ts'
import { recognise } from '../../../proxy/dialect/recognise.ts'
import type { Call, RoutedCall } from '../../../proxy/exchange.ts'
import { makeTable, type RouteSpec, type TargetSpec } from '../../support/proxy-rig.ts'

export interface Asked {
  readonly body: string
  readonly path?: string
  readonly headers?: readonly string[]
  readonly route?: Partial<RouteSpec>
  readonly target?: Partial<TargetSpec>
  readonly names?: ScopeNames
}

export function callOf({ body: text, path = '/v1/chat/completions', headers = [] }: Asked): Call {
  const place = recognise('POST', path, headers)
  const body = Buffer.from(text)
  const call = place.endpoint?.readCall?.({
    id: 'test',
    method: 'POST',
    place,
    rawHeaders: headers,
    body,
    original: { read: body, sent: body },
    receivedAtMs: 0,
    caller: new Caller(),
  })
  if (call === undefined || call.kind === 'failure') throw new Error(`not a call: ${text}`)
  return call
}

export function keyedCall(
  asked: Asked,
  maker = new KeyMaker(asked.names ?? { pod: 'pod-1', workload: 'web' }),
): KeyedCall {
  const table = makeTable({
    targets: { a: { url: 'http://127.0.0.1:1', ...asked.target } },
    routes: [{ backends: ['a'], cache: {}, ...asked.route }],
  })
  const [route] = table.routes
  if (route?.cache === undefined) throw new Error('the table has no rule with a cache')
  const routed: RoutedCall = { kind: 'routed', call: callOf(asked), route }
  const masked = { kind: 'masked', routed, report: null, restoration: null } as const
  return maker.keyOf({ masked, rule: route.cache, table, envelope: new Envelope(routed.call.received.body) })
}

export function keyOf(asked: Asked): string {
  return keyedCall(asked).key
}
