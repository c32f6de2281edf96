// Small shapes that both resources use: names, durations, and the way a CEL rule is written beside its field.
import * as z from 'zod'

/** RFC 1123 subdomain, as Kubernetes names objects. */
export const kubernetesName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)

export const secretKeyName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[-._a-zA-Z0-9]+$/)

/** Gateway API GEP-2257: `10s`, `1h30m`, `500ms`; at most four parts of up to five digits, each unit once. */
export const duration = z
  .string()
  .max(32)
  .regex(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/)

export interface CelRule {
  readonly rule: string
  /** A sentence a person can act on; `kubectl apply` prints it word for word. */
  readonly message: string
}

/** `.meta(cel([...]))`: validation rules that the API server evaluates. */
export function cel(rules: readonly CelRule[]): { 'x-kubernetes-validations': readonly CelRule[] } {
  return { 'x-kubernetes-validations': rules }
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of a GEP-2257 duration that `duration` has accepted. */
export function durationToMs(text: string): number {
  let totalMs = 0
  for (const [, digits, unit] of text.matchAll(/([0-9]+)(ms|h|m|s)/g)) {
    totalMs += Number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS]
  }
  return totalMs
}
