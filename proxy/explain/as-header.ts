// An explanation in one header: JSON in ASCII, cut from the front of its rules until it fits what clients and servers
// take for a header.
import type { Explanation } from './explanation.ts'

/** Node's own clients take 16 KiB of headers in all. */
export const MAX_HEADER_LENGTH = 4096

export function explanationHeader(explanation: Explanation): string {
  let { rules, rulesLeftOut } = explanation
  for (;;) {
    const text = asciiJson({ ...explanation, rules, rulesLeftOut })
    if (text.length <= MAX_HEADER_LENGTH) return text
    if (rules.length === 0) return asciiJson({ rule: explanation.rule, failure: explanation.failure?.code ?? null })
    const dropped = Math.ceil(rules.length / 2)
    rules = rules.slice(dropped)
    rulesLeftOut += dropped
  }
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
