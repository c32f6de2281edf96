// A shared level on a server of the test's own choice, for its suite and for its faults.
import { RedisConnection } from '../../proxy/cache/levels/redis-connection.ts'
import { SharedLevel, type SharedLevelDeps } from '../../proxy/cache/levels/shared-level.ts'
import { parseSharedCache, type SharedCacheRow } from '../../proxy/cache/levels/shared-settings.ts'
import { KeyRing } from '../../proxy/table/key-ring.ts'
import { NAMESPACE_KEY_IDS } from '../../proxy/table/messages.ts'
import { systemTimers } from '../../proxy/upstream/timers.ts'
import { observe } from '../suites/cache-store.ts'

export interface SharedSubject {
  readonly port: number
  readonly deps?: Partial<SharedLevelDeps>
  readonly row?: Partial<SharedCacheRow>
  readonly password?: string
  /** Of deadlines; 1: as they are. */
  readonly patience?: number
}

export function keyRing(fill: number): KeyRing {
  const ring = new KeyRing()
  ring.replaceAll([{ id: NAMESPACE_KEY_IDS.current, value: Buffer.alloc(32, fill).toString('base64') }])
  return ring
}

export function sharedLevel({ port, deps, row, password, patience = 50 }: SharedSubject) {
  const settings = parseSharedCache('default', { url: `redis://127.0.0.1:${port}`, ...row })
  if (settings === null) throw new Error('the URL is one of Redis')
  const time = { elapsedMs: 0 }
  const warnings: { readonly reason?: string }[] = []
  const timers = { start: (delayMs: number, run: () => void) => systemTimers.start(delayMs * patience, run) }
  const elapsedMs = () => time.elapsedMs
  const logger = { info: () => {}, warn: (fields: { readonly reason?: string }) => void warnings.push(fields) }
  const connection = new RedisConnection(settings, { elapsedMs, timers, logger, password: () => password ?? null })
  const observer = observe()
  const level = new SharedLevel({
    connection,
    keys: keyRing(1),
    prefix: 'modelroute:1:shop:',
    now: () => Date.now(),
    elapsedMs,
    timers,
    observer,
    maxValueBytes: 1024 * 1024,
    ...deps,
  })
  /** As if so much time had gone by that a server at rest is tried again. */
  const pass = (elapsedMs: number) => void (time.elapsedMs += elapsedMs)
  const rest = () => pass(60_000)
  return { level, observer, warnings, connection, pass, rest }
}
