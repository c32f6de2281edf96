// What a single call says about the cache: `cache-control` (RFC 9111 section 5.2.1: no-store, no-cache, max-age) and
// our own `x-modelroute-cache: bypass | refresh`, for libraries that set no cache-control. Everything else in them
// counts for nothing.
//
//   nothing                 may be served from an entry, may become one
//   max-age=60              the same, from an entry that is no older than that
//   no-cache, refresh       is asked anew, may become an entry
//   no-store, bypass        neither
import { headerOf } from '../raw-headers.ts'

export interface CallControls {
  readonly mayLook: boolean
  readonly mayStore: boolean
  /** Null: any age that the rule allows. */
  readonly maxAgeMs: number | null
}

export const NO_CONTROLS: CallControls = { mayLook: true, mayStore: true, maxAgeMs: null }
const BYPASS: CallControls = { mayLook: false, mayStore: false, maxAgeMs: null }
const REFRESH: CallControls = { mayLook: false, mayStore: true, maxAgeMs: null }

const OWN_HEADER = 'x-modelroute-cache'
const MAX_AGE = /^max-age="?(\d{1,9})"?$/

export function controlsOf(rawHeaders: readonly string[]): CallControls {
  const own = headerOf(rawHeaders, OWN_HEADER)?.trim().toLowerCase()
  if (own === 'bypass') return BYPASS
  const general = headerOf(rawHeaders, 'cache-control')
  if (general === null) return own === 'refresh' ? REFRESH : NO_CONTROLS
  const directives = general.split(',').map((directive) => directive.trim().toLowerCase())
  if (directives.includes('no-store')) return BYPASS
  if (own === 'refresh' || directives.includes('no-cache')) return REFRESH
  const age = directives.map((directive) => MAX_AGE.exec(directive)?.[1]).find((text) => text !== undefined)
  return age === undefined ? NO_CONTROLS : { ...NO_CONTROLS, maxAgeMs: Number(age) * 1000 }
}
