// Times as providers write them -> milliseconds. Null for whatever is none of the forms; nothing is guessed.
// retry-after.ts knows where they stand and what they mean there.

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const DURATION = /^(?:\d{1,12}(?:\.\d{1,12})?(?:ms|[smhd]))+$/

/** `20ms`, `1s`, `6m0s`, `1h2m3.5s`: every number with its unit. */
export function durationMs(text: string): number | null {
  const trimmed = text.trim().toLowerCase()
  if (trimmed.length > 40 || !DURATION.test(trimmed)) return null
  let total = 0
  for (const [, number = '0', unit = 's'] of trimmed.matchAll(/([\d.]+)(ms|[smhd])/g)) {
    total += Number(number) * (UNITS_MS[unit] ?? 0)
  }
  return total
}

/** Seconds without a unit, whole or not, as milliseconds. */
export function secondsMs(text: string | null): number | null {
  return text !== null && /^\d{1,12}(?:\.\d{1,9})?$/.test(text.trim()) ? Number(text) * 1000 : null
}

/** An HTTP date in any of its three forms (RFC 9110 section 5.6.7), or an RFC 3339 timestamp: how far away it is. */
export function momentMs(text: string, nowMs: number): number | null {
  const trimmed = text.trim()
  const isDate = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i.test(trimmed)
  const isTimestamp = /^\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d(?:\.\d+)?(?:z|[+-]\d\d:\d\d)$/i.test(trimmed)
  if ((!isDate && !isTimestamp) || trimmed.length > 40) return null
  // The oldest form (asctime) has no zone and means GMT all the same.
  const hasZone = isTimestamp || /(?:gmt|utc|z)$/i.test(trimmed)
  const moment = Date.parse(hasZone ? trimmed : `${trimmed} GMT`)
  return Number.isNaN(moment) ? null : moment - nowMs
}
