// Certificate authorities by a short name of their own, so that a pod can carry which ones its sidecar was given and
// the operator can tell, years later, that none of them is in use any more.
//
//   webhook: bundle -> ids -> pod's annotation      checks: annotation -> ids -> none in use -> Finding
import { createHash } from 'node:crypto'
import { INJECTED } from './inject/names.ts'
import type { ProxyPod } from './kube/source.ts'

const ID_LENGTH = 16
/** A bundle has three at most; a pod's annotation is a user's to edit. */
const MAX_IDS = 16

/** One id for each certificate of a bundle, in its order. */
export function authorityIds(bundlePem: string): readonly string[] {
  const blocks = bundlePem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => createHash('sha256').update(block).digest('hex').slice(0, ID_LENGTH))
}

/** The annotation that says who injected a pod and with which authorities. */
export function injectedText(version: string, { caPem }: { readonly caPem: string }): string {
  return JSON.stringify({ version, authorities: authorityIds(caPem) })
}

/** True only for a pod that says what it was given, when none of that is in use. */
export function isStale({ annotations }: ProxyPod, inUse: readonly string[]): boolean {
  const own = readAuthorities(annotations[INJECTED])
  return own.length > 0 && !own.some((id) => inUse.includes(id))
}

function readAuthorities(text: string | undefined): readonly string[] {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    const hasList = typeof value === 'object' && value !== null && 'authorities' in value
    const list: readonly unknown[] = hasList && Array.isArray(value.authorities) ? value.authorities : []
    return list.slice(0, MAX_IDS).filter((id) => typeof id === 'string')
  } catch {
    return []
  }
}
