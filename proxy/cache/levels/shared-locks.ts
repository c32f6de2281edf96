// Locks in a shared cache: who has one makes the call that several pods want (flight/across-pods.ts). A server that
// does not answer in time has no locks, and nobody waits for one.
import type { Lock, SharedLocks } from '../flight/across-pods.ts'
import { SHARED_DEADLINE_MS } from './shared-level.ts'
import type { SharedLevels } from './shared-levels.ts'

/** Both act only while the token is still the lock's: another pod may have it by now. */
const RENEW = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

export function createSharedLocks(levels: Pick<SharedLevels, 'find'>): SharedLocks {
  const ask = async ({ shared, key }: Lock, commandOf: (name: string) => readonly string[]) => {
    const cache = levels.find(shared)
    if (cache === null) return null
    const answer = await cache.connection.ask(commandOf(`${cache.prefix}lock:${key}`), SHARED_DEADLINE_MS)
    return answer.kind === 'reply' ? { reply: answer.reply } : null
  }
  return {
    take: async (lock, ttlMs) => {
      const taken = await ask(lock, (name) => ['SET', name, lock.token, 'NX', 'PX', String(ttlMs)])
      if (taken === null) return 'unavailable'
      return taken.reply === null ? 'held' : 'taken'
    },
    renew: async (lock, ttlMs) => {
      await ask(lock, (name) => ['EVAL', RENEW, '1', name, lock.token, String(ttlMs)])
    },
    release: async (lock) => {
      await ask(lock, (name) => ['EVAL', RELEASE, '1', name, lock.token])
    },
  }
}
