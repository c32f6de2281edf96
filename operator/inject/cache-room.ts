// What the sidecar's cache takes of its pod: memory beside what the sidecar needs by itself, and a volume on the node's
// disk where it has a level there. Pure.
import type { JsonObject } from './json.ts'
import { CACHE_PATH, CACHE_VOLUME } from './names.ts'
import { parseQuantity } from './quantity.ts'
import type { ResourceDefaults } from './resources.ts'
import type { Settings } from './settings.ts'

const MEBIBYTE = 1024 * 1024
/** The proxy's own default, for which the sidecar's usual resources have room. */
const USUAL_MEMORY_BYTES = 32 * MEBIBYTE
/** What a byte of the budget takes of memory at most. */
const MEMORY_PER_BYTE = 1.3
/** Over the file's own bound: its journal, which the kubelet counts too before it evicts the pod. */
const DISK_SHARE = 1.25
const JOURNAL_BYTES = 32 * MEBIBYTE

export interface CacheDefaults {
  readonly memory: string
  /** `0`: no level on disk. */
  readonly disk: string
}

export interface CacheRoom {
  readonly memoryBytes: number
  readonly diskBytes: number
}

export function planCache(settings: Settings, defaults: CacheDefaults): CacheRoom {
  return {
    memoryBytes: bytesOf(settings['cache-memory'] ?? defaults.memory),
    diskBytes: bytesOf(settings['cache-disk'] ?? defaults.disk),
  }
}

/** A larger cache needs more than the usual amounts; what the pod's author says still counts above these. */
export function withRoomFor({ memoryBytes }: CacheRoom, { requests, limits }: ResourceDefaults): ResourceDefaults {
  const more = Math.max(0, memoryBytes - USUAL_MEMORY_BYTES) * MEMORY_PER_BYTE
  if (more === 0) return { requests, limits }
  const grown = (memory: string) => `${Math.ceil((bytesOf(memory) + more) / MEBIBYTE)}Mi`
  return {
    requests: { ...requests, memory: grown(requests.memory) },
    limits: { ...limits, memory: grown(limits.memory) },
  }
}

export function cacheEnvironment({ memoryBytes, diskBytes }: CacheRoom): readonly JsonObject[] {
  const isUsual = memoryBytes === USUAL_MEMORY_BYTES
  const memory = isUsual ? [] : [{ name: 'MODELROUTE_CACHE_MEMORY_BYTES', value: String(memoryBytes) }]
  if (diskBytes === 0) return memory
  return [
    ...memory,
    { name: 'MODELROUTE_CACHE_DIR', value: CACHE_PATH },
    { name: 'MODELROUTE_CACHE_DISK_BYTES', value: String(diskBytes) },
  ]
}

export function cacheMounts({ diskBytes }: CacheRoom): readonly JsonObject[] {
  return diskBytes === 0 ? [] : [{ name: CACHE_VOLUME, mountPath: CACHE_PATH }]
}

export function cacheVolumes({ diskBytes }: CacheRoom): readonly (JsonObject & { readonly name: string })[] {
  if (diskBytes === 0) return []
  const sizeLimit = `${Math.ceil((diskBytes * DISK_SHARE + JOURNAL_BYTES) / MEBIBYTE)}Mi`
  return [{ name: CACHE_VOLUME, emptyDir: { sizeLimit } }]
}

function bytesOf(quantity: string): number {
  return Math.floor(parseQuantity(quantity) ?? 0)
}
