// What reconcile hands to push: for one namespace, which proxies run which table and may hold which keys.
//
//   translate -> Publication -> push/server (a session per proxy) -> acks -> push/tally -> status
import type { RoutingTable } from '../../proxy/table/schema.ts'

/** Proxies with the same view of the resources share one table. */
export interface Group {
  /** Stable while the view is: hash of the ordered ModelRoute names that select these pods. */
  readonly id: string
  readonly podUids: readonly string[]
  readonly table: RoutingTable
  /** The keys this table names; sent only to proxies of this group. */
  readonly keys: readonly KeyReference[]
}

export interface Publication {
  readonly namespace: string
  readonly groups: readonly Group[]
}

/** Where a key rests. `id` is what the table's targets call it. */
export interface KeyReference {
  readonly id: string
  readonly namespace: string
  readonly secretName: string
  readonly secretKey: string
}

/** Who opened a stream, as the token proves it. */
export interface ProxyIdentity {
  readonly namespace: string
  readonly serviceAccount: string
  readonly podName: string
  readonly podUid: string
}

/** What one proxy last said about the tables it was sent. */
export interface ProxyReport {
  readonly podUid: string
  readonly podName: string
  readonly group: string
  /** The version it runs; null before its first ack. */
  readonly ackedVersion: string | null
  /** The version it refused last, with the first reason; null when it runs what it was sent. */
  readonly rejected: { readonly version: string; readonly reason: string } | null
  readonly calls: number
}
