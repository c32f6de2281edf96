// Polls a condition until it holds, within a bound; the tests' only way to let time pass.
// The last reason why it did not hold becomes part of the error.
import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOptions {
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

/** Resolves with the first value that is not undefined or false; a probe that throws counts as "not yet". */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | false | undefined> | T | false | undefined,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutMs = 30_000, intervalMs = 50 } = options
  const deadline = performance.now() + timeoutMs
  let lastReason: unknown = 'the condition stayed false'
  do {
    try {
      const value = await probe()
      if (value !== undefined && value !== false) return value
      lastReason = 'the condition stayed false'
    } catch (error) {
      if (error instanceof GiveUp) throw error
      lastReason = error
    }
    await delay(intervalMs)
  } while (performance.now() < deadline)
  const reason = lastReason instanceof Error ? lastReason.message : String(lastReason)
  throw new Error(`Waited ${timeoutMs} ms until ${what}: ${reason}`, { cause: lastReason })
}

/** Thrown by a probe that knows the condition can no longer come true. */
export class GiveUp extends Error {}
