// Where a passed-through request goes: the table's pass-through target, the path below it, and the headers as they may
// leave. The target's key is put in on the dialect's inference paths alone; elsewhere the caller's own headers stay as
// they are, so that no application administers an account with a key that is not its own. Pure.
//
//   /openai/v1/embeddings, /v1/embeddings   target's URL + /embeddings
//   /openai/other, /other                   target's host + /other
import type { IncomingHttpHeaders } from 'node:http'
import { dialectOf } from '../dialect/dialects.ts'
import { failure, type Failure } from '../errors.ts'
import type { Place } from '../exchange.ts'
import type { CompiledTables } from '../compiled-table.ts'
import type { TableHolder } from '../table/holder.ts'
import type { RoutingTable, Target } from '../table/schema.ts'
import type { KeyRing } from '../table/key-ring.ts'
import { HOP_BY_HOP, NOT_SENT_WITH_KEY, OWN_PREFIX, withoutKeyProtocols } from './headers.ts'
import { findKey } from './request.ts'

export interface Destination {
  readonly kind: 'destination'
  readonly targetId: string
  readonly origin: URL
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly tableVersion: string
  /** The provider's key is put in. */
  readonly isKeyed: boolean
}

export interface DestinationDeps {
  readonly tables: Pick<TableHolder, 'current'>
  readonly compiledTables: CompiledTables
  readonly keys: Pick<KeyRing, 'find'>
}

interface Asked {
  readonly place: Place
  readonly method: string
  readonly headers: IncomingHttpHeaders
  /** To a WebSocket. */
  readonly isUpgrade: boolean
}

export function destinationOf(asked: Asked, deps: DestinationDeps): Destination | Failure {
  const { place, method, isUpgrade } = asked
  const table = deps.tables.current()
  if (table === null) return failure('no_table', 'This proxy has no routing table yet.')
  const targetId = table.passthrough
  const target = targetId === undefined ? undefined : table.targets[targetId]
  const endpoint = targetId === undefined ? undefined : deps.compiledTables.of(table).endpoints.get(targetId)
  if (targetId === undefined || target === undefined || endpoint === undefined) return unknownPath(place)

  const masking = maskingRuleOf(table, target)
  if (masking !== null) return notMaskable(place, masking)
  const dialect = dialectOf(target.dialect)
  const isKeyed =
    place.path !== null && place.dialect === dialect && dialect.takesKey({ method, path: place.path, isUpgrade })
  const key = isKeyed ? findKey(target, deps.keys) : null
  if (key?.kind === 'failure') return key
  const sent = toSent(asked, isKeyed)
  if (key !== null) Object.assign(sent, toRecord(dialect.keyHeaders(key.secret)))
  const query = isKeyed ? dialect.withoutKey(place.query) : place.query
  const path = (place.path === null ? place.fullPath : endpoint.basePath + place.path) + query
  return {
    kind: 'destination',
    targetId,
    origin: new URL(endpoint.origin),
    path,
    headers: sent,
    tableVersion: table.version,
    isKeyed: key !== null,
  }
}

function unknownPath({ fullPath }: Place): Failure {
  const message = `Path ${fullPath.slice(0, 200)} is no operation that this proxy knows, and no provider takes other paths.`
  return failure('unknown_path', message)
}

/** A rule of this table that masks what goes to the target's provider: bytes that nobody reads must not go there. */
export function maskingRuleOf(table: RoutingTable, { provider }: Target): string | null {
  const rule = table.routes.find(
    ({ redact, backends }) =>
      redact?.mode === 'Enforce' && backends.some((backend) => table.targets[backend.target]?.provider === provider),
  )
  return rule?.name ?? null
}

function notMaskable({ fullPath }: Place, rule: string): Failure {
  const message = `Path ${fullPath.slice(0, 200)} is passed through unread, and rule ${rule} masks what goes to its provider.`
  return failure('operation_not_maskable', message)
}

/** Those that say where the body ends stay: without them its bytes would be taken for the next request. */
const NEVER_DROPPED: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'te'])

function toSent({ headers, isUpgrade }: Asked, isKeyed: boolean): IncomingHttpHeaders {
  const sent: IncomingHttpHeaders = { ...headers }
  const dropped = [...namesIn(headers.connection), ...HOP_BY_HOP, 'expect', ...(isKeyed ? NOT_SENT_WITH_KEY : [])]
  for (const name of dropped) if (!NEVER_DROPPED.has(name)) delete sent[name]
  for (const name of Object.keys(sent)) if (name.startsWith(OWN_PREFIX)) delete sent[name]
  if (!isUpgrade) return sent
  const { 'sec-websocket-protocol': protocols, 'content-length': _, 'transfer-encoding': __, ...upgrade } = sent
  const offered = isKeyed ? withoutKeyProtocols(protocols ?? '') : (protocols ?? '')
  const offer = offered === '' ? {} : { 'sec-websocket-protocol': offered }
  return { ...upgrade, ...offer, connection: 'Upgrade', upgrade: 'websocket' }
}

function namesIn(connection: string | undefined): readonly string[] {
  return connection === undefined ? [] : connection.split(',').map((name) => name.trim().toLowerCase())
}

function toRecord(rawHeaders: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {}
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    record[rawHeaders[index] ?? ''] = rawHeaders[index + 1] ?? ''
  return record
}
