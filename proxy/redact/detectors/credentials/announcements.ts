// Words that announce a secret which need not look like one: `password`, `Basic`, `auth`, `-u`, `kind: Secret`.
//
//   last three letters of a word -> a table -> which reader -> findings
//
// The table lets all but a few words of a text pass for two look-ups.

import type { Detection } from '../detection.ts'
import { readCommandUser, readEncodedPair } from './authorization.ts'
import { readKubernetesSecret } from './kubernetes.ts'
import { readPassword } from './passwords.ts'
import { unitsOf, type Units } from '../text/units.ts'

/** What the readers are told of the walk; `manifest` is theirs to move. */
export interface AnnouncedText {
  readonly text: Units
  manifest: number
}

/** Endings of the words below. */
const ENDINGS = [
  'ord',
  'swd',
  'pwd',
  'ort',
  'ase',
  'ode',
  'ass',
  'sse',
  'ret',
  'ave',
  'ena',
  'slo',
  'nha',
  'sic',
  'uth',
  'ser',
  'red',
  '_pw',
  '-pw',
  'ola',
  'com',
  'ied',
]
const PASSWORD = new RegExp(
  '(?:password|passwd|passwort|kennwort|pwd|passphrase|passcode|wachtwoord|contrasena|clave|motdepasse|mot_de_passe|mdp|' +
    'senha|haslo|parola|(?:^|[_.-]|db|user|root|ftp|smtp|mail|my|admin|login|ssh|wifi|auth)pass|secret|[_-]pw|contribsys__com)$',
)
const LONGEST_WORD = 24

export function isAnnouncing(text: Units, end: number): boolean {
  const last = text.codes[end - 1] ?? 0
  if (last === LETTER_U) return (text.codes[end - 2] ?? 0) === DASH
  return TABLE[tripleOf(text, end)] === 1
}

/** The secrets that the word from `start` to `end` announces. */
export function readAnnouncement(walk: AnnouncedText, start: number, end: number): readonly Detection[] {
  const { text } = walk
  const word = text.slice(Math.max(start, end - LONGEST_WORD), end).toLowerCase()
  if (word === '-u' || word === '--user') return listOf(readCommandUser(text, end))
  if (word === 'basic') return listOf(readEncodedPair(text, end, false))
  if (word.endsWith('auth')) return listOf(readEncodedPair(text, end, true))
  if (word === 'secret' && end > walk.manifest) {
    const manifest = readKubernetesSecret(text, { start, end, floor: walk.manifest })
    if (manifest !== null) {
      walk.manifest = manifest.end
      return manifest.findings
    }
  }
  if (word === 'identified' && / BY/i.test(text.slice(end, end + 3))) return listOf(readPassword(text, start, end + 3))
  return PASSWORD.test(word) ? listOf(readPassword(text, start, end)) : NONE
}

const NONE: readonly Detection[] = []

function listOf(finding: Detection | null): readonly Detection[] {
  return finding === null ? NONE : [finding]
}

const LETTER_U = 117
const DASH = 45

/** Three letters in 15 bits; case does not count, and a sign may fall on a letter: the regular expression decides. */
function tripleOf(text: Units, end: number): number {
  return (
    (((text.codes[end - 3] ?? 0) & 31) << 10) |
    (((text.codes[end - 2] ?? 0) & 31) << 5) |
    ((text.codes[end - 1] ?? 0) & 31)
  )
}

const TABLE: Uint8Array = makeTable()

function makeTable(): Uint8Array {
  const table = new Uint8Array(1 << 15)
  for (const ending of ENDINGS) table[tripleOf(unitsOf(ending), 3)] = 1
  return table
}
