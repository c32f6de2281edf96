// The authority through the years: what the Secret modelroute-ca holds, and what to do with it now. Pure.
//
//   nothing          -> create             the first start, or the Secret was emptied
//   a third is left  -> prepare `next`     from here both are in the bundle; `issuing` still signs
//   30 days later    -> promote `next`     it signs; the old one stays in the bundle as `retired`
//   retired expired  -> forget it
//
// Pods trust the bundle they were born with and learn a newer one on their stream, so `next` is published long
// before it signs: a proxy that was connected once in those 30 days never meets an unknown authority.
import type { SecretData } from '../secret-state.ts'
import {
  type Authority,
  type Certificate,
  createAuthority,
  DAY_MS,
  parseAuthority,
  parseCertificate,
} from './certificate.ts'

export const OVERLAP_MS = 30 * DAY_MS
/** With this little left the successor signs at once, however short its overlap was. */
export const LAST_MOMENT_MS = DAY_MS

export interface AuthorityState {
  readonly issuing: Authority
  readonly next: Authority | null
  readonly retired: Certificate | null
}

export type AuthorityStep = 'keep' | 'create' | 'prepare' | 'promote' | 'forget'

export function decideStep(state: AuthorityState | null, nowMs: number): AuthorityStep {
  if (state === null) return 'create'
  const { issuing, next, retired } = state
  const leftMs = issuing.notAfterMs - nowMs
  if (next === null && leftMs <= 0) return 'create'
  if (next === null && leftMs <= (issuing.notAfterMs - issuing.notBeforeMs) / 3) return 'prepare'
  if (next !== null && (nowMs >= next.notBeforeMs + OVERLAP_MS || leftMs <= LAST_MOMENT_MS)) return 'promote'
  if (retired !== null && nowMs >= retired.notAfterMs) return 'forget'
  return 'keep'
}

/** Takes steps until there is none left; the result is `state` itself when nothing is to be done. */
export async function advanceAuthority(state: AuthorityState | null, nowMs: number): Promise<AuthorityState> {
  const step = decideStep(state, nowMs)
  if (state === null || step === 'create') {
    return { issuing: await createAuthority({ nowMs }), next: null, retired: null }
  }
  switch (step) {
    case 'keep':
      return state
    case 'prepare':
      return advanceAuthority({ ...state, next: await createAuthority({ nowMs }) }, nowMs)
    case 'promote':
      return advanceAuthority(promote(state), nowMs)
    case 'forget':
      return advanceAuthority({ ...state, retired: null }, nowMs)
  }
}

function promote(state: AuthorityState): AuthorityState {
  if (state.next === null) return state
  const { pem, notBeforeMs, notAfterMs } = state.issuing
  return { issuing: state.next, next: null, retired: { pem, notBeforeMs, notAfterMs } }
}

/** What clients trust: at most three certificates, the issuing one first. */
export function bundleOf(state: AuthorityState): string {
  return [state.issuing, state.next, state.retired].map((certificate) => certificate?.pem ?? '').join('')
}

export function toSecretData(state: AuthorityState): SecretData {
  return {
    'ca.crt': encode(state.issuing.pem),
    'ca.key': encode(state.issuing.key.reveal()),
    'next.crt': encode(state.next?.pem),
    'next.key': encode(state.next?.key.reveal()),
    'retired.crt': encode(state.retired?.pem),
  }
}

/** Null when the Secret is as the chart made it, without data. Throws with a sentence when it cannot be read. */
export async function fromSecretData(data: SecretData): Promise<AuthorityState | null> {
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8')
  if (text('ca.crt') === '' && text('ca.key') === '') return null
  return {
    issuing: await readPart('ca', () => parseAuthority(text('ca.crt'), text('ca.key'))),
    next:
      text('next.crt') === '' ? null : await readPart('next', () => parseAuthority(text('next.crt'), text('next.key'))),
    retired:
      text('retired.crt') === '' ? null : await readPart('retired', async () => parseCertificate(text('retired.crt'))),
  }
}

async function readPart<Part>(name: string, read: () => Promise<Part>): Promise<Part> {
  try {
    return await read()
  } catch (cause) {
    throw new Error(`The certificate authority's "${name}" in the Secret cannot be read: ${messageOf(cause)}`, {
      cause,
    })
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function encode(text: string | undefined): string | null {
  return text === undefined ? null : Buffer.from(text, 'utf8').toString('base64')
}
