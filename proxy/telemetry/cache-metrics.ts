// What the levels of the cache did, for /metrics; made with the first rule that has a cache. Labels are the levels'
// names and fixed reasons.
import { Gauge, type Registry } from 'prom-client'
import { Durations } from './durations.ts'
import { Tally } from './tally.ts'

export interface LevelSize {
  readonly level: string
  readonly entries: number | null
  readonly bytes: number | null
  readonly maxBytes: number | null
}

/** `sizes` is asked when the metrics are read. */
export function createCacheMetrics(registry: Registry, sizes: () => Promise<readonly LevelSize[]>) {
  const tally = (name: string, help: string, labels: readonly string[]) =>
    new Tally({ name: `modelroute_proxy_cache_${name}`, help, labels }, registry)
  registerSizes(registry, sizes)
  return {
    looks: tally('lookups_total', 'Looks into a level of the cache, by level and result: hit or miss.', [
      'level',
      'result',
    ]),
    drops: tally(
      'dropped_total',
      'Entries, or whole files, that a level threw away before their time, by level and reason.',
      ['level', 'reason'],
    ),
    evictions: tally('evicted_total', 'Entries that made room for newer ones, by level.', ['level']),
    skips: tally(
      'skipped_total',
      'Looks and writes that were not made or not finished, by level and reason; the call went on without them.',
      ['level', 'reason'],
    ),
    lookSeconds: new Durations(
      {
        name: 'modelroute_proxy_cache_lookup_seconds',
        help: 'How long levels outside of the process took to answer, by level.',
        label: 'level',
      },
      registry,
    ),
  }
}

function registerSizes(registry: Registry, sizes: () => Promise<readonly LevelSize[]>): void {
  const gauge = (name: string, help: string, read: (size: LevelSize) => number | null) =>
    new Gauge({
      name: `modelroute_proxy_cache_${name}`,
      help,
      labelNames: ['level'],
      registers: [registry],
      async collect() {
        this.reset()
        for (const size of await sizes()) {
          const value = read(size)
          if (value !== null) this.set({ level: size.level }, value)
        }
      },
    })
  gauge('entries', 'Entries in a level of the cache, expired ones included.', ({ entries }) => entries)
  gauge('bytes', 'Bytes that a level of the cache takes.', ({ bytes }) => bytes)
  gauge('max_bytes', 'Bytes that a level of the cache may take.', ({ maxBytes }) => maxBytes)
}
