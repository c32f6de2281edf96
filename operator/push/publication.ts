// What reconcile hands to push: for one namespace, which proxies run which table and may hold which keys.
//
//   translate -> Publication -> push/server (a session per proxy) -> acks -> push/tally -> status
import type { CacheTotals, CallShare, RecentCall, RedactionTotals } from '../../proxy/table/messages.ts'
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
  /** Every key that a ModelProvider of the namespace names, in use or not: push follows their Secrets. */
  readonly keys: readonly KeyReference[]
}

/** Where a key rests. `id` is what the table's targets call it. */
export interface KeyReference {
  readonly id: string
  readonly namespace: string
  readonly secretName: string
  readonly secretKey: string
  /** Words to mask, one a line, in place of a provider's key; absent: a key. */
  readonly holds?: 'words'
}

/**
 * What is known of the Secret behind a key; `pending` until its first answer, so a restart never reads as missing.
 * A key once read stays in use while the API server cannot be reached or forbids reading it.
 */
export type KeyState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'present' }
  | { readonly kind: 'secretMissing' }
  | { readonly kind: 'keyMissing' }
  | { readonly kind: 'forbidden'; readonly reason: string }
  /** There, but no provider could take it: empty, too long, or not fit for a header. A sentence for status. */
  | { readonly kind: 'unusable'; readonly reason: string }

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

/** One proxy whose stream ends at this replica, for the dashboard. */
export interface ConnectedProxy {
  readonly identity: ProxyIdentity
  /** Null while no group that holds its pod was published. */
  readonly group: string | null
  /** The table version it runs. */
  readonly version: string | null
  readonly calls: number
  readonly recent: readonly RecentCall[]
  /** What redaction did there since it started; null: nothing yet. */
  readonly redaction: RedactionTotals | null
  /** What its cache did since it started; null: nothing yet. */
  readonly cache: CacheTotals | null
  /** Calls by rule and target since it started. */
  readonly shares: readonly CallShare[]
}
