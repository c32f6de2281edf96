// Names with wildcards, as rules write models: `gpt-*`, `gpt-?`. Pure.
// Two pointers instead of a regular expression: patterns come from users, and `*a*a*a*` must not take exponential time.
/** True when the name holds a wildcard. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?')
}

/** `*` stands for any run of characters and `?` for one UTF-16 unit; all else for itself, case included. */
export function matchesGlob(pattern: string, { text }: { readonly text: string }): boolean {
  let patternAt = 0
  let textAt = 0
  let starAt = -1
  let resumeAt = 0
  while (textAt < text.length) {
    const symbol = pattern[patternAt]
    if (symbol === '*') {
      starAt = patternAt++
      resumeAt = textAt
    } else if (symbol === '?' || symbol === text[textAt]) {
      patternAt += 1
      textAt += 1
    } else if (starAt !== -1) {
      patternAt = starAt + 1
      textAt = ++resumeAt
    } else {
      return false
    }
  }
  while (pattern[patternAt] === '*') patternAt += 1
  return patternAt === pattern.length
}
