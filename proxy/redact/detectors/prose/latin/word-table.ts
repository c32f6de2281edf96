// A packed hash table of words: 16 bits of the word's hash and what is known of it, in open addressing.
// Used for the Latin lexicon and for cue words; a word that is not in it is taken for one that is about once in 30,000.

/** A table so full that a word is not found within this many slots is refused when it is built. */
const MOST_PROBES = 32

export interface WordTable {
  /** Of each slot: the fingerprint above, and below it where `kinds` has what is known; 0 where it is empty. */
  readonly entries: Uint32Array
  /** All that is known of some word, each once. Together with `entries` one look-up touches one line of memory. */
  readonly kinds: number[]
}

export const HASH_START = 0x811c9dc5
export const HASH_STEP = 0x01000193

export const createWordTable = (slots: number): WordTable => ({ entries: new Uint32Array(slots), kinds: [] })

/** Reads what `packWordTable` wrote: the fingerprints, then the flags. */
export function openWordTable(bytes: Uint8Array): WordTable {
  const slots = bytes.length / 3
  const fingerprints = new Uint16Array(slots)
  new Uint8Array(fingerprints.buffer).set(bytes.subarray(0, slots * 2))
  const table = { entries: new Uint32Array(slots), kinds: Array.from({ length: 256 }, (_, flags) => flags) }
  for (let slot = 0; slot < slots; slot++) {
    const fingerprint = fingerprints[slot] ?? 0
    if (fingerprint !== 0) table.entries[slot] = (fingerprint << 16) | (bytes[slots * 2 + slot] ?? 0)
  }
  return table
}

export function packWordTable({ entries, kinds }: WordTable): Uint8Array {
  const fingerprints = Uint16Array.from(entries, (entry) => entry >>> 16)
  const packed = new Uint8Array(entries.length * 3)
  packed.set(new Uint8Array(fingerprints.buffer))
  packed.set(
    Uint8Array.from(entries, (entry) => kinds[entry & 0xffff] ?? 0),
    fingerprints.byteLength,
  )
  return packed
}

/** The flags of a word by its hash, 0 where it is not in the table. */
export function flagsOf({ entries, kinds }: WordTable, hash: number): number {
  const mask = entries.length - 1
  const wanted = fingerprintOf(hash)
  let slot = slotOf(hash) & mask
  for (let probe = 0; probe < MOST_PROBES; probe++) {
    const entry = entries[slot] ?? 0
    if (entry === 0) return 0
    if (entry >>> 16 === wanted) return kinds[entry & 0xffff] ?? 0
    slot = (slot + 1) & mask
  }
  return 0
}

/** Adds flags to a word's entry. Answers false where the table is too full to hold it. */
export function addFlags({ entries, kinds }: WordTable, hash: number, flags: number): boolean {
  const mask = entries.length - 1
  const wanted = fingerprintOf(hash)
  let slot = slotOf(hash) & mask
  for (let probe = 0; probe < MOST_PROBES; probe++) {
    const entry = entries[slot] ?? 0
    if (entry === 0 || entry >>> 16 === wanted) {
      const known = entry === 0 ? 0 : (kinds[entry & 0xffff] ?? 0)
      entries[slot] = (wanted << 16) | kindOf(kinds, known | flags)
      return true
    }
    slot = (slot + 1) & mask
  }
  return false
}

/** Where `kinds` has the flags; they are few, so it is looked through. */
function kindOf(kinds: number[], flags: number): number {
  const at = kinds.indexOf(flags)
  return at === -1 ? kinds.push(flags) - 1 : at
}

const slotOf = (hash: number): number => hash ^ (hash >>> 15)
/** Never 0, which means an empty slot. */
const fingerprintOf = (hash: number): number => (Math.imul(hash, 0x9e3779b1) >>> 16) | 1
