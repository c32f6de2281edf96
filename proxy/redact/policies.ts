// The compiled policy of each rule that redacts: its detectors with the word lists that have come, proven on their
// samples. Compiled when a rule is first used and again when one of its lists has changed; equal rules share one.
//
//   Route + KeyRing -> word lists -> compilePolicy -> self-test -> NamedPolicy | Failure
import { createHash } from 'node:crypto'
import { failure, type Failure } from '../errors.ts'
import type { KeyRing } from '../table/key-ring.ts'
import type { Redaction, Route } from '../table/schema.ts'
import type { Secret } from '../secret.ts'
import type { DetectionPolicy, PolicySource } from './detectors/policy.ts'
import type { NamedPolicy } from './mask/inspector.ts'

/** Policies kept; more different rules than this are compiled anew. */
export const MAX_POLICIES = 64

export interface PoliciesDeps {
  readonly keys: Pick<KeyRing, 'find'>
  readonly compile: (source: PolicySource) => DetectionPolicy
  /** The enabled detectors that do not fire on their own samples. */
  readonly silentDetectors: (policy: DetectionPolicy) => readonly string[]
}

interface Compiled {
  readonly lists: readonly Secret[]
  readonly result: NamedPolicy | Failure
}

export class Policies {
  readonly #deps: PoliciesDeps
  readonly #byRedaction = new WeakMap<Redaction, Compiled>()
  readonly #byId = new Map<string, NamedPolicy | Failure>()

  constructor(deps: PoliciesDeps) {
    this.#deps = deps
  }

  of(route: Pick<Route, 'name'>, redaction: Redaction): NamedPolicy | Failure {
    const names = redaction.wordLists ?? []
    const lists = names.map((name) => this.#deps.keys.find(name))
    const missing = names[lists.indexOf(undefined)]
    if (missing !== undefined) {
      const message = `The word list "${missing}" of rule ${route.name} has not come to this proxy.`
      return failure('masking_not_ready', message)
    }
    const come = lists.filter((list) => list !== undefined)
    const known = this.#byRedaction.get(redaction)
    if (known?.lists.every((list, index) => list === come[index]) === true) return known.result
    const result = this.#compiled(redaction, come, route)
    this.#byRedaction.set(redaction, { lists: come, result })
    return result
  }

  #compiled(redaction: Redaction, lists: readonly Secret[], { name }: Pick<Route, 'name'>): NamedPolicy | Failure {
    const hash = createHash('sha256').update(JSON.stringify(redaction))
    for (const list of lists) hash.update('\u0000').update(list.reveal())
    const id = hash.digest('base64')
    const known = this.#byId.get(id)
    if (known !== undefined) return known
    const wordLists = new Map(lists.map((list, index) => [redaction.wordLists?.[index] ?? '', wordsOf(list)]))
    const policy = this.#deps.compile({ redaction, wordLists })
    const silent = this.#deps.silentDetectors(policy)
    const result =
      silent.length === 0
        ? { id, policy }
        : failure('masking_failed', `Detectors of rule ${name} do not work: ${silent.join(', ')}.`)
    if (this.#byId.size >= MAX_POLICIES) this.#byId.clear()
    this.#byId.set(id, result)
    return result
  }
}

function wordsOf(list: Secret): readonly string[] {
  const lines = list.reveal().split(/\r?\n/)
  return lines.map((line) => line.trim()).filter((line) => line !== '')
}
