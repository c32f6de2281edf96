// Whether a custom pattern can be run, said when it is written down and not when a call needs it. The operator asks.
// Pure: it imports nothing but its neighbours in this folder.

import { compilePattern } from './compile.ts'

export type PatternCheck = { readonly kind: 'ok' } | { readonly kind: 'refused'; readonly reason: string }

/** The reason is a sentence's end that says what is wrong and at which character, if it stands at one. */
export function checkPattern(pattern: string): PatternCheck {
  const compiled = compilePattern(pattern)
  return compiled.kind === 'refused' ? compiled : { kind: 'ok' }
}
