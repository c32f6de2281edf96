// The optional check of an ejected target: a GET every so often, until it is answered, so that no call of an
// application has to find out. Runs for ejected targets alone; many sidecars that check well providers would be load.
//
//   Health --ejected--> watch() --every everyMs--> GET --answered (isAlive)--> Health.readmit()
//
// An answer of 404 or 401 is one: a path that is not there or a key that is refused says nothing against the provider,
// and would keep it ejected for ever. It is logged, so that the path can be mended.
import type { Dispatcher } from 'undici'
import { dialectOf } from '../dialect/dialects.ts'
import type { Attempt } from '../exchange.ts'
import type { KeyRing } from '../table/key-ring.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Connections } from './connections.ts'
import type { Health } from './health.ts'
import { findKey } from './request.ts'
import type { Timer, Timers } from './timers.ts'
import { reasonOf } from './wire-errors.ts'

const CHECK_TIMEOUT_MS = 5_000

export interface HealthCheckDeps {
  readonly health: Pick<Health, 'isEjected' | 'readmit'>
  readonly connections: Connections
  readonly keys: Pick<KeyRing, 'find'>
  readonly timers: Timers
  readonly logger: Logger
}

export class HealthChecks {
  readonly #deps: HealthCheckDeps
  /** By target id: bounded by the targets that are ejected. */
  readonly #watched = new Map<string, Timer>()
  #isStopped = false

  constructor(deps: HealthCheckDeps) {
    this.#deps = deps
  }

  /** Nothing where the target has no check, or is watched already. */
  watch(attempt: Attempt): void {
    const { check } = attempt.target.health ?? {}
    if (check === undefined || this.#isStopped || this.#watched.has(attempt.targetId)) return
    const run = () => {
      void this.#check(attempt, check.path).then((isWell) => this.#ended(attempt, isWell))
    }
    this.#watched.set(attempt.targetId, this.#deps.timers.start(check.everyMs, run))
  }

  stop(): void {
    this.#isStopped = true
    for (const timer of this.#watched.values()) timer.close()
    this.#watched.clear()
  }

  #ended(attempt: Attempt, isWell: boolean): void {
    this.#watched.delete(attempt.targetId)
    if (isWell) this.#deps.health.readmit(attempt.targetId)
    else if (this.#deps.health.isEjected(attempt.targetId)) this.watch(attempt)
  }

  #check({ targetId, target, endpoint }: Attempt, path: string): Promise<boolean> {
    const { connections, keys, logger, timers } = this.#deps
    const key = findKey(target, keys)
    const connection = connections.take(endpoint.origin, true)
    if (connection === null) return Promise.resolve(false)
    const headers = key?.kind === 'key' ? [...dialectOf(target.dialect).keyHeaders(key.secret)] : []
    const request = { path: endpoint.basePath + path, method: 'GET', headers } as const
    return new Promise((resolve) => {
      const limit = timers.start(CHECK_TIMEOUT_MS, () => connections.drop(connection, new Error('it took too long')))
      const settle = (isWell: boolean, result: string) => {
        limit.close()
        logger.debug({ target: targetId, result }, 'an ejected target was checked')
        if (result.startsWith('4')) {
          logger.warn({ target: targetId, path, result }, 'the path of a health check is refused')
        }
        connections.drop(connection, new Error('the check has ended'))
        resolve(isWell)
      }
      connection.client.dispatch(request, new CheckedAnswer(settle))
    })
  }
}

/** 408 and 429: it asks to be left alone. */
function isAlive(status: number): boolean {
  return status < 500 && status !== 408 && status !== 429
}

/** The status is enough; the body is not waited for. */
class CheckedAnswer implements Dispatcher.DispatchHandler {
  readonly #settle: (isWell: boolean, result: string) => void
  #isOver = false

  constructor(settle: (isWell: boolean, result: string) => void) {
    this.#settle = settle
  }

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    if (status >= 200) this.#end(isAlive(status), String(status))
  }

  onResponseData(): void {}

  onResponseEnd(): void {}

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end(false, reasonOf(error))
  }

  /** Dropping the connection is an error to it as well. */
  #end(isWell: boolean, result: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#settle(isWell, result)
  }
}
