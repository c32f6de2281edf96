// How messages travel between the proxy and the thread that masks. The usual ones, a job and a result with few values,
// go as one JSON text with the body beside it: the platform's cloning of the same objects costs four times as much
// (35 us a call there and back against 10, measured). Everything else is cloned.
import { Buffer } from 'node:buffer'
import type { RestoredValue } from '../restore/restore-map.ts'
import type { MaskedBody } from './job.ts'
import type { Asked, Told } from './messages.ts'

/** A result with more values is cloned: its text would be long. */
const MAX_VALUES_AS_TEXT = 256

export interface Wired {
  readonly text: string
  /** The body; null: it is not changed, or there is none. */
  readonly bytes: Uint8Array | null
}

type Mask = Extract<Asked, { kind: 'mask' }>
type Masked = Extract<Told, { kind: 'masked' }>
type Entries<V> = readonly (readonly [string, V])[]

interface MaskedText extends Omit<MaskedBody, 'body' | 'map' | 'maskedByType'> {
  readonly values: Entries<RestoredValue>
  readonly words: readonly string[]
  readonly oneWay: readonly string[]
  readonly counts: Entries<number>
}

type MaskText = Omit<Mask, 'job'> & {
  readonly job: Omit<Mask['job'], 'body' | 'codesKey' | 'previousCodesKey'>
  readonly codesKey: string
  readonly previousCodesKey: string | null
}

/** The body in a copy of just its length: the buffer that it is a part of would be copied whole. */
export function wireAsked(asked: Asked): Asked | Wired {
  if (asked.kind !== 'mask') return asked
  const { body, codesKey, previousCodesKey, ...job } = asked.job
  const keys = { codesKey: hexOf(codesKey), previousCodesKey: previousCodesKey && hexOf(previousCodesKey) }
  return { text: JSON.stringify({ ...asked, job, ...keys } satisfies MaskText), bytes: new Uint8Array(body) }
}

export function readAsked(wired: Asked | Wired): Asked {
  if (!('text' in wired)) return wired
  const { job, codesKey, previousCodesKey, ...asked } = JSON.parse(wired.text) as MaskText
  const keys = {
    codesKey: bytesOf(codesKey),
    previousCodesKey: previousCodesKey === null ? null : bytesOf(previousCodesKey),
  }
  return { ...asked, job: { ...job, ...keys, body: wired.bytes ?? NO_BYTES } }
}

export function wireTold(told: Told): Told | Wired {
  if (told.kind !== 'masked' || told.result.kind !== 'masked') return told
  const { body, map, maskedByType, ...result } = told.result
  if (map.values.size > MAX_VALUES_AS_TEXT) return told
  const lists = { values: [...map.values], words: [...map.words], oneWay: [...map.oneWay], counts: [...maskedByType] }
  return { text: JSON.stringify({ id: told.id, result: { ...result, ...lists } satisfies MaskedText }), bytes: body }
}

export function readTold(wired: Told | Wired): Told {
  if (!('text' in wired)) return wired
  const { id, result } = JSON.parse(wired.text) as { readonly id: number; readonly result: MaskedText }
  const { values, words, oneWay, counts, ...rest } = result
  const map = { values: new Map(values), words: new Set(words), oneWay: new Set(oneWay) }
  const masked: Masked['result'] = { ...rest, body: wired.bytes, map, maskedByType: new Map(counts) }
  return { kind: 'masked', id, result: masked }
}

const NO_BYTES = new Uint8Array(0)

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}
