// Whether an application says that its call can wait: RFC 7240's `prefer: respond-async`. Apart from the rest of
// deferred calls, because every call of a rule with them is asked, and the rest is loaded for those that say so.

const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:;|,|$)/i

/** RFC 7240: names of preferences, in any case, with parameters that do not matter here. */
export function asksForLater(rawHeaders: readonly string[]): boolean {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === 'prefer' && RESPOND_ASYNC.test(rawHeaders[index + 1] ?? '')) return true
  }
  return false
}
