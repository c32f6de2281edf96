// "Did you mean": the known word nearest to one that is not known, or null when none is near.
// Words are keys and names people type by hand, so the distance is counted in edits; nothing is corrected by itself.

/** More edits than this, or than half the word, and a guess would only confuse. */
export const MAX_EDITS = 3
/** Longer words are no slips of the finger; this bounds the work for hostile input. */
export const MAX_WORD_LENGTH = 80

export function nearestWord(word: string, known: readonly string[]): string | null {
  if (word.length > MAX_WORD_LENGTH) return null
  const ranked = known
    .map((candidate) => ({ candidate, edits: countEdits(word, candidate) }))
    .toSorted((left, right) => left.edits - right.edits)
  const best = ranked[0]
  const mostEdits = Math.min(MAX_EDITS, Math.floor(word.length / 2))
  return best !== undefined && best.edits <= mostEdits ? best.candidate : null
}

/** Levenshtein's distance, one row at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_cell, index) => index)
  for (const [line, letter] of from.split('').entries()) {
    const next = [line + 1]
    for (const [column, other] of to.split('').entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
