// A packed hash table of words: 16 bits of the word's hash and what is known of it, in open addressing.
// Used for the Latin lexicon and for cue words; a word that is not in it is taken for one that is about once in 30,000.

/** A table so full that a word is not found within this many slots is refused when it is built. */
const MOST_PROBES = 32

export interface WordTable {
  readonly fingerprints: Uint16Array
  readonly flags: Uint32Array
}

export const HASH_START = 0x811c9dc5
export const HASH_STEP = 0x01000193

export const createWordTable = (slots: number): WordTable => ({
  fingerprints: new Uint16Array(slots),
  flags: new Uint32Array(slots),
})

/** Reads what `packWordTable` wrote: the fingerprints, then the flags. */
export function openWordTable(bytes: Uint8Array): WordTable {
  const slots = bytes.length / 3
  const copy = bytes.slice()
  return { fingerprints: new Uint16Array(copy.buffer, 0, slots), flags: Uint32Array.from(copy.subarray(slots * 2)) }
}

export function packWordTable(table: WordTable): Uint8Array {
  const packed = new Uint8Array(table.flags.length * 3)
  packed.set(new Uint8Array(table.fingerprints.buffer, table.fingerprints.byteOffset, table.fingerprints.byteLength))
  packed.set(Uint8Array.from(table.flags), table.fingerprints.byteLength)
  return packed
}

/** The flags of a word by its hash, 0 where it is not in the table. */
export function flagsOf(table: WordTable, hash: number): number {
  const mask = table.flags.length - 1
  const wanted = fingerprintOf(hash)
  let slot = slotOf(hash) & mask
  for (let probe = 0; probe < MOST_PROBES; probe++) {
    const entry = table.fingerprints[slot]
    if (entry === 0) return 0
    if (entry === wanted) return table.flags[slot] ?? 0
    slot = (slot + 1) & mask
  }
  return 0
}

/** Adds flags to a word's entry. Answers false where the table is too full to hold it. */
export function addFlags(table: WordTable, hash: number, flags: number): boolean {
  const mask = table.flags.length - 1
  const wanted = fingerprintOf(hash)
  let slot = slotOf(hash) & mask
  for (let probe = 0; probe < MOST_PROBES; probe++) {
    const entry = table.fingerprints[slot]
    if (entry === 0 || entry === wanted) {
      table.fingerprints[slot] = wanted
      table.flags[slot] = (table.flags[slot] ?? 0) | flags
      return true
    }
    slot = (slot + 1) & mask
  }
  return false
}

const slotOf = (hash: number): number => hash ^ (hash >>> 15)
/** Never 0, which means an empty slot. */
const fingerprintOf = (hash: number): number => (Math.imul(hash, 0x9e3779b1) >>> 16) | 1
