// What a call's side (exact-counter.ts) and the thread that counts (count-thread.ts) say to each other: one
// question and one reply for each count. Types only.

/** Tokenizers whose vocabularies the proxy has. */
export type Encoding = 'o200k' | 'cl100k'

export interface CountQuestion {
  readonly id: number
  readonly encoding: Encoding
  readonly texts: readonly string[]
}

export interface CountReply {
  readonly id: number
  /** Null: it could not be counted. */
  readonly tokens: number | null
}
