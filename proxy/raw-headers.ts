// Headers as node:http gives them: name and value alternating, names as they were sent. Reading them so keeps order and
// repeats, and costs less than an object of them.

/** The first value of a header, by its lower-case name. */
export function headerOf(rawHeaders: readonly string[], name: string): string | null {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const candidate = rawHeaders[index]
    if (candidate?.length === name.length && candidate.toLowerCase() === name) return rawHeaders[index + 1] ?? null
  }
  return null
}
