// Keeps the root key of redaction: one in one Secret for all replicas.
//
//   every 10 s:  read Secret -> advance -> (write it back) -> changed? tell the sessions of proxies
//
// Like the certificates' keeper it creates no object, and losing the API server or the Secret changes nothing here:
// the key in memory goes on. Until it was read once, proxies whose rules mask get no key and refuse those calls.
import { randomBytes } from 'node:crypto'
import { Secret } from '../../proxy/secret.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { Logger } from '../../proxy/telemetry/log.ts'
import { type SecretPlace, syncSecretState } from '../secret-state.ts'
import { deriveNamespaceKeys, type NamespaceKeySet, type NamespaceKeySource } from './namespace-keys.ts'
import { advanceRootKeys, fromSecretData, ROOT_KEY_BYTES, type RootKeys, toSecretData } from './root-keys.ts'

export const TICK_MS = 10_000

export interface RootKeyDeps extends SecretPlace {
  readonly clock: Clock
  readonly logger: Logger
}

export class RootKeyKeeper implements NamespaceKeySource {
  readonly #deps: RootKeyDeps
  readonly #listeners = new Set<() => void>()
  #root: RootKeys | null = null
  #lastProblem: string | null = null
  #cancel: () => void = () => undefined
  #isStopped = false

  constructor(deps: RootKeyDeps) {
    this.#deps = deps
  }

  /** Resolves after the first look, whatever came of it: an operator without this key still serves all else. */
  async start(): Promise<void> {
    await this.#run()
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  keysOf(namespace: string): NamespaceKeySet | null {
    return this.#root === null ? null : deriveNamespaceKeys(this.#root, namespace)
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #run(): Promise<void> {
    try {
      this.#adopt(await this.#sync())
      this.#report(null)
    } catch (error) {
      this.#report(error instanceof Error ? error.message : String(error))
    }
    if (!this.#isStopped) this.#cancel = this.#deps.clock.after(TICK_MS, () => void this.#run())
  }

  #sync(): Promise<RootKeys> {
    return syncSecretState(this.#deps, {
      read: async (data) => fromSecretData(data),
      advance: async (stored) => advanceRootKeys(stored ?? this.#root, this.#deps.clock.now(), makeRootKey),
      toData: toSecretData,
    })
  }

  #adopt(root: RootKeys): void {
    const isSame = this.#root !== null && isEqual(root, this.#root)
    this.#root = root
    if (isSame) return
    this.#deps.logger.info({ madeAt: new Date(root.current.madeAtMs).toISOString() }, 'key of redaction')
    for (const listener of this.#listeners) listener()
  }

  /** Once for each change, not once for each tick. */
  #report(problem: string | null): void {
    if (problem === this.#lastProblem) return
    this.#lastProblem = problem
    if (problem === null) this.#deps.logger.info({}, 'the key of redaction is in order again')
    else this.#deps.logger.warn({ problem }, 'the key of redaction cannot be kept current; the one in memory goes on')
  }
}

/** The same without a cluster: a key of its own, in memory, for local mode and tests. Never rotated. */
export function createLocalNamespaceKeys(nowMs: number): NamespaceKeySource {
  const root = advanceRootKeys(null, nowMs, makeRootKey)
  return { keysOf: (namespace) => deriveNamespaceKeys(root, namespace), onChange: () => () => undefined }
}

export function makeRootKey(): Secret {
  return new Secret(randomBytes(ROOT_KEY_BYTES).toString('base64'))
}

function isEqual(one: RootKeys, other: RootKeys): boolean {
  return JSON.stringify(toSecretData(one)) === JSON.stringify(toSecretData(other))
}
