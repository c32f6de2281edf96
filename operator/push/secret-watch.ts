// Follows Secrets by name without the right to list or watch them: looks at each one's resourceVersion in turn and
// reads its body only when that changed.
//
//   wanted -> [urgent | ring by due time] -> one GET a step, within the budget -> onAnswer when something changed
//
// At most 50 GETs in any second; with more Secrets than that can serve the interval stretches, and intervalMs() says
// so.
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { SecretRead, SecretSource } from '../kube/source.ts'

export const SECRET_INTERVAL_MS = 3_000
/** Together at most 50 GETs in any second: what may be saved up, and what comes back. */
export const BURST_GETS = 10
export const GETS_PER_SECOND = 40
/** GETs under way at a time, so that a slow API server does not collect them. */
export const MAX_GETS_UNDER_WAY = 16

export interface SecretName {
  readonly namespace: string
  readonly name: string
}

export interface SecretWatchDeps {
  readonly secrets: SecretSource
  readonly clock: Clock
  /** The first answer, and each that differs from the one before: other content, missing, forbidden. */
  readonly onAnswer: (secret: SecretName, answer: SecretRead) => void
  readonly onGet: (kind: 'version' | 'body', result: SecretRead['kind'] | 'unreachable') => void
}

interface Entry extends SecretName {
  readonly id: string
  dueAtMs: number
  /** Null: the body has to be read. */
  resourceVersion: string | null
  isUrgent: boolean
  isForgotten: boolean
}

export class SecretWatch {
  readonly #deps: SecretWatchDeps
  readonly #entries = new Map<string, Entry>()
  /** Those that are not under way, in the order in which they come due. */
  readonly #ring = new Set<Entry>()
  readonly #urgent = new Set<Entry>()
  #underWay = 0
  #saved = BURST_GETS
  #savedAtMs: number
  #cancel = () => {}
  #isStopped = false

  constructor(deps: SecretWatchDeps) {
    this.#deps = deps
    this.#savedAtMs = deps.clock.now()
  }

  /** What to follow in a namespace from now on; what is not named any more is forgotten. */
  follow(namespace: string, names: ReadonlySet<string>): void {
    for (const entry of this.#entries.values()) {
      if (entry.namespace === namespace && !names.has(entry.name)) this.#forget(entry)
    }
    for (const name of names) this.#add(namespace, name)
    this.#pump()
  }

  /** Reads the body again as soon as the budget allows, whatever its version. */
  refresh({ namespace, name }: SecretName): void {
    const entry = this.#entries.get(idOf(namespace, name))
    if (entry === undefined) return
    entry.resourceVersion = null
    entry.isUrgent = true
    if (this.#ring.delete(entry)) this.#urgent.add(entry)
    this.#pump()
  }

  intervalMs(): number {
    return Math.max(SECRET_INTERVAL_MS, Math.ceil((this.#entries.size * 1000) / GETS_PER_SECOND))
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  #add(namespace: string, name: string): void {
    const id = idOf(namespace, name)
    if (this.#entries.has(id)) return
    const entry = { id, namespace, name, dueAtMs: 0, resourceVersion: null, isUrgent: true, isForgotten: false }
    this.#entries.set(id, entry)
    this.#urgent.add(entry)
  }

  #forget(entry: Entry): void {
    entry.isForgotten = true
    this.#entries.delete(entry.id)
    this.#ring.delete(entry)
    this.#urgent.delete(entry)
  }

  /** Starts what is due and within the budget, then sleeps until more is. */
  #pump(): void {
    this.#cancel()
    if (this.#isStopped) return
    this.#saveUp()
    while (this.#saved >= 1 && this.#underWay < MAX_GETS_UNDER_WAY) {
      const entry = this.#takeDue()
      if (entry === null) break
      this.#saved -= 1
      this.#underWay += 1
      void this.#step(entry).finally(() => {
        this.#underWay -= 1
        this.#pump()
      })
    }
    const waitMs = this.#nextStepInMs()
    if (waitMs !== null) this.#cancel = this.#deps.clock.after(waitMs, () => this.#pump())
  }

  #saveUp(): void {
    const nowMs = this.#deps.clock.now()
    const earned = (Math.max(0, nowMs - this.#savedAtMs) * GETS_PER_SECOND) / 1000
    this.#saved = Math.min(BURST_GETS, this.#saved + earned)
    this.#savedAtMs = nowMs
  }

  #takeDue(): Entry | null {
    const [urgent] = this.#urgent
    if (urgent !== undefined) {
      this.#urgent.delete(urgent)
      urgent.isUrgent = false
      return urgent
    }
    const [next] = this.#ring
    if (next === undefined || next.dueAtMs > this.#deps.clock.now()) return null
    this.#ring.delete(next)
    return next
  }

  /** Null when the end of a GET under way will pump again anyway, or nothing is left to do. */
  #nextStepInMs(): number | null {
    if (this.#underWay >= MAX_GETS_UNDER_WAY) return null
    const [next] = this.#ring
    const dueAtMs = this.#urgent.size > 0 ? 0 : next?.dueAtMs
    if (dueAtMs === undefined) return null
    const budgetMs = this.#saved >= 1 ? 0 : Math.ceil(((1 - this.#saved) * 1000) / GETS_PER_SECOND)
    return Math.max(1, budgetMs, dueAtMs - this.#deps.clock.now())
  }

  /** One GET. An API server that cannot be reached changes nothing: what was known stays. */
  async #step(entry: Entry): Promise<void> {
    const kind = entry.resourceVersion === null ? 'body' : 'version'
    try {
      if (kind === 'body') await this.#readBody(entry)
      else await this.#readVersion(entry)
    } catch {
      this.#deps.onGet(kind, 'unreachable')
    }
    this.#putBack(entry)
  }

  async #readBody(entry: Entry): Promise<void> {
    const { namespace, name } = entry
    const answer = await this.#deps.secrets.read(namespace, name)
    this.#deps.onGet('body', answer.kind)
    // A refresh that came meanwhile wants a newer body than this one.
    entry.resourceVersion = answer.kind === 'found' && !entry.isUrgent ? answer.resourceVersion : null
    if (!entry.isForgotten) this.#deps.onAnswer({ namespace, name }, answer)
  }

  async #readVersion(entry: Entry): Promise<void> {
    const { namespace, name } = entry
    const answer = await this.#deps.secrets.version(namespace, name)
    this.#deps.onGet('version', answer.kind)
    if (answer.kind === 'found') {
      if (answer.resourceVersion === entry.resourceVersion) return
      entry.isUrgent = true
    } else if (!entry.isForgotten) {
      this.#deps.onAnswer({ namespace, name }, answer)
    }
    entry.resourceVersion = null
  }

  #putBack(entry: Entry): void {
    if (entry.isForgotten) return
    entry.dueAtMs = this.#deps.clock.now() + this.intervalMs()
    if (entry.isUrgent) this.#urgent.add(entry)
    else this.#ring.add(entry)
  }
}

function idOf(namespace: string, name: string): string {
  return `${namespace}/${name}`
}
