// Where a passed-through request goes: the table's pass-through target, the path below it, and the headers as they may
// leave. The target's key is put in on the dialect's inference paths alone; elsewhere the caller's own headers stay as
// they are, so that no application administers an account with a key that is not its own. Pure.
//
//   /openai/v1/embeddings, /v1/embeddings   target's URL + /embeddings
//   /openai/other, /other                   target's host + /other
import type { IncomingHttpHeaders } from 'node:http'
import { failure, type Failure } from '../errors.ts'
import type { Place } from '../exchange.ts'
import type { CompiledTables } from '../compiled-table.ts'
import type { TableHolder } from '../table/holder.ts'
import type { KeyRing } from '../table/key-ring.ts'
import { HOP_BY_HOP, NOT_SENT_WITH_KEY } from './headers.ts'
import { findKey } from './request.ts'

export interface Destination {
  readonly kind: 'destination'
  readonly targetId: string
  readonly origin: URL
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly tableVersion: string
}

export interface DestinationDeps {
  readonly tables: Pick<TableHolder, 'current'>
  readonly compiledTables: CompiledTables
  readonly keys: Pick<KeyRing, 'find'>
}

interface Asked {
  readonly place: Place
  readonly headers: IncomingHttpHeaders
  /** Upgrades need their hop-by-hop headers. */
  readonly isUpgrade: boolean
}

export function destinationOf({ place, headers, isUpgrade }: Asked, deps: DestinationDeps): Destination | Failure {
  const table = deps.tables.current()
  if (table === null) return failure('no_table', 'This proxy has no routing table yet.')
  const targetId = table.passthrough
  const target = targetId === undefined ? undefined : table.targets[targetId]
  const endpoint = targetId === undefined ? undefined : deps.compiledTables.of(table).endpoints.get(targetId)
  if (targetId === undefined || target === undefined || endpoint === undefined) return unknownPath(place)

  const isKeyed = place.path !== null && place.dialect.isKeyedPath(place.path)
  const key = isKeyed ? findKey(target, deps.keys) : null
  if (key?.kind === 'failure') return key
  const sent = withoutNames(headers, { isUpgrade, isKeyed })
  if (key !== null) Object.assign(sent, toRecord(place.dialect.keyHeaders(key.secret)))
  const path = (place.path === null ? place.fullPath : endpoint.basePath + place.path) + place.query
  return {
    kind: 'destination',
    targetId,
    origin: new URL(endpoint.origin),
    path,
    headers: sent,
    tableVersion: table.version,
  }
}

function unknownPath({ fullPath }: Place): Failure {
  const message = `Path ${fullPath.slice(0, 200)} is no operation that this proxy knows, and no provider takes other paths.`
  return failure('unknown_path', message)
}

function withoutNames(
  headers: IncomingHttpHeaders,
  { isUpgrade, isKeyed }: { readonly isUpgrade: boolean; readonly isKeyed: boolean },
): IncomingHttpHeaders {
  const kept: IncomingHttpHeaders = { ...headers }
  delete kept['expect']
  if (!isUpgrade) {
    for (const name of namesIn(headers.connection)) delete kept[name]
    for (const name of HOP_BY_HOP)
      if (name !== 'transfer-encoding' && name !== 'trailer' && name !== 'te') delete kept[name]
  }
  if (isKeyed) for (const name of NOT_SENT_WITH_KEY) delete kept[name]
  return kept
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
