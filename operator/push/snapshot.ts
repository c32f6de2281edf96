// What every pod should run, as last published: the table ready to be sent, and the keys that go with it.
//
//   Publication -> Snapshots -> find(pod) -> session
//
// A table is checked and serialised once for all proxies of its group. One that no proxy could read is kept with the
// reason instead of its text: it counts as rejected and is never sent.
import { SHARED_CACHE_PASSWORD_ID } from '../../proxy/table/messages.ts'
import { MAX_TABLE_BYTES, parseTable } from '../../proxy/table/schema.ts'
import type { RoutingTable } from '../../proxy/table/schema.ts'
import type { Group, KeyReference, Publication } from './publication.ts'

export interface Snapshot {
  readonly group: string
  readonly version: string
  readonly requires: readonly string[]
  readonly ownKeys: OwnKeys
  readonly keys: readonly KeyReference[]
  /** The key's id by target, for targets that have one. */
  readonly credentials: ReadonlyMap<string, string>
  /** When this version was first published for this group. */
  readonly publishedAtMs: number
  readonly body: { readonly kind: 'table'; readonly json: string } | { readonly kind: 'unfit'; readonly reason: string }
}

/** Of what the operator itself holds, what a proxy with this table needs. */
export interface OwnKeys {
  /** It masks, or seals what it shares. */
  readonly namespaceKey: boolean
  readonly sharedCachePassword: boolean
}

export class Snapshots {
  readonly #byNamespace = new Map<string, ReadonlyMap<string, Snapshot>>()

  /** Returns the snapshots that cannot be sent. An empty publication forgets the namespace. */
  publish(publication: Publication, nowMs: number): readonly Snapshot[] {
    const { namespace, groups } = publication
    const earlier = new Map([...(this.#byNamespace.get(namespace)?.values() ?? [])].map((old) => [old.group, old]))
    const fresh = groups.map((group) => ({ group, snapshot: toSnapshot(group, earlier.get(group.id), nowMs) }))
    const byPod = fresh.flatMap(({ group, snapshot }) => group.podUids.map((uid) => [uid, snapshot] as const))
    if (groups.length === 0) this.#byNamespace.delete(namespace)
    else this.#byNamespace.set(namespace, new Map(byPod))
    return fresh.map(({ snapshot }) => snapshot).filter(({ body }) => body.kind === 'unfit')
  }

  namespaces(): Iterable<string> {
    return this.#byNamespace.keys()
  }

  /** By the namespace that the pod's token proved: a uid is only ever looked up within it. */
  find(namespace: string, podUid: string): Snapshot | undefined {
    return this.#byNamespace.get(namespace)?.get(podUid)
  }
}

/** Equal versions are equal tables, so an unchanged one is neither checked nor serialised again. */
function toSnapshot({ id, table, keys }: Group, earlier: Snapshot | undefined, nowMs: number): Snapshot {
  const { version, requires } = table
  if (earlier?.version === version) return { ...earlier, keys }
  const targets = Object.entries(table.targets)
  const credentials = new Map(targets.flatMap(([target, { credential }]) => (credential ? [[target, credential]] : [])))
  return {
    group: id,
    version,
    requires,
    ownKeys: ownKeysOf(table),
    keys,
    credentials,
    publishedAtMs: nowMs,
    body: toBody(table),
  }
}

/** What any of them needs. */
export function ownKeysOfAll(snapshots: readonly Snapshot[]): OwnKeys {
  return {
    namespaceKey: snapshots.some(({ ownKeys }) => ownKeys.namespaceKey),
    sharedCachePassword: snapshots.some(({ ownKeys }) => ownKeys.sharedCachePassword),
  }
}

function ownKeysOf({ requires, sharedCaches }: RoutingTable): OwnKeys {
  const shared = Object.values(sharedCaches ?? {})
  return {
    namespaceKey: requires.includes('redact') || shared.length > 0,
    sharedCachePassword: shared.some(({ password }) => password === SHARED_CACHE_PASSWORD_ID),
  }
}

function toBody(table: RoutingTable): Snapshot['body'] {
  const parsed = parseTable(table)
  if (parsed.kind === 'faults') {
    const [first] = parsed.faults
    return { kind: 'unfit', reason: `the table is not valid: ${first?.path ?? ''}: ${first?.message ?? ''}` }
  }
  const json = JSON.stringify(table)
  const sizeBytes = Buffer.byteLength(json)
  if (sizeBytes <= MAX_TABLE_BYTES) return { kind: 'table', json }
  return { kind: 'unfit', reason: `the table has ${sizeBytes} bytes, more than the limit of ${MAX_TABLE_BYTES}` }
}
