// The key that all placeholders come from, through the years: what the Secret holds, and what to do with it now. Pure.
//
//   nothing               -> create     the first start, or the Secret was emptied
//   90 days old           -> rotate     the one before stays beside it
//   7 days after that     -> forget     the one before
//
// A value has one placeholder for as long as the key is the same, so that providers' prompt caches keep hitting; the
// map that restores it lives in its call. So a lost key costs cache misses, and nothing that was masked.
import { Secret } from '../../proxy/secret.ts'
import type { SecretData } from '../secret-state.ts'

const DAY_MS = 24 * 60 * 60 * 1000
export const ROTATE_AFTER_MS = 90 * DAY_MS
/** Proxies that were sent the new key late, and entries that were sealed under the old one, have this long. */
export const OVERLAP_MS = 7 * DAY_MS
export const ROOT_KEY_BYTES = 32

export interface RootKey {
  /** 32 bytes in base64. */
  readonly value: Secret
  readonly madeAtMs: number
}

export interface RootKeys {
  readonly current: RootKey
  readonly previous: RootKey | null
}

/** The result is `state` itself when nothing is to be done. */
export function advanceRootKeys(state: RootKeys | null, nowMs: number, makeKey: () => Secret): RootKeys {
  const fresh = (): RootKey => ({ value: makeKey(), madeAtMs: nowMs })
  if (state === null) return { current: fresh(), previous: null }
  if (nowMs - state.current.madeAtMs >= ROTATE_AFTER_MS) return { current: fresh(), previous: state.current }
  if (state.previous !== null && nowMs - state.current.madeAtMs >= OVERLAP_MS) return { ...state, previous: null }
  return state
}

export function toSecretData({ current, previous }: RootKeys): SecretData {
  return {
    current: encode(current.value.reveal()),
    'current-made-at': encode(new Date(current.madeAtMs).toISOString()),
    previous: previous === null ? null : encode(previous.value.reveal()),
    'previous-made-at': previous === null ? null : encode(new Date(previous.madeAtMs).toISOString()),
  }
}

/** Null when the Secret is as the chart made it, or holds something that is no key: a new one is made then. */
export function fromSecretData(data: SecretData): RootKeys | null {
  const current = readKey(data, 'current')
  return current === null ? null : { current, previous: readKey(data, 'previous') }
}

function readKey(data: SecretData, name: string): RootKey | null {
  const text = decode(data[name])
  const madeAtMs = Date.parse(decode(data[`${name}-made-at`]))
  const isKey = Buffer.from(text, 'base64').length === ROOT_KEY_BYTES
  return isKey && Number.isFinite(madeAtMs) ? { value: new Secret(text), madeAtMs } : null
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

function decode(text: string | null | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString('utf8')
}
