// What the disk level (disk.ts) and the thread that holds its file (disk-thread.ts) say to each other: questions with a
// number, answers with the same. Types only.
import type { MessagePort } from 'node:worker_threads'
import type { CacheKey, DropReason, EntryFacts, PurgeFilter } from '../store.ts'

export interface DiskSettings {
  readonly path: string
  /** Of the file; its journal takes a little more. */
  readonly maxBytes: number
}

export interface DiskThreadData extends DiskSettings {
  readonly port: MessagePort
}

/** `entry` null: the key is to be forgotten. */
export interface DiskWrite {
  readonly key: CacheKey
  readonly entry: { readonly facts: EntryFacts; readonly value: Uint8Array } | null
}

export type DiskQuestion =
  | { readonly kind: 'read'; readonly key: CacheKey }
  | { readonly kind: 'write'; readonly writes: readonly DiskWrite[] }
  | { readonly kind: 'purge'; readonly filter: PurgeFilter }
  | { readonly kind: 'count' }
  | { readonly kind: 'close' }

export type DiskRequest = DiskQuestion & { readonly id: number }

export type DiskAnswer =
  | { readonly kind: 'entry'; readonly facts: EntryFacts; readonly value: Uint8Array }
  /** Nothing under that key; or a write, an opening, a closing that was done. */
  | { readonly kind: 'none' }
  | { readonly kind: 'purged'; readonly count: number }
  | { readonly kind: 'counted'; readonly entries: number; readonly bytes: number }
  /** The file cannot be used now: disk full, read-only, locked, a fault of the device. */
  | { readonly kind: 'failed'; readonly reason: string }

/** `id` 0: the file was opened, or could not be; nobody has asked. */
export type DiskReply = DiskAnswer & {
  readonly id: number
  readonly dropped: readonly DropReason[]
  readonly evicted: number
}
