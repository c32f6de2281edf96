// The compiled policy of each rule that redacts: its detectors with the words that have come, proven on their samples.
// Compiled when a rule is first used and again when its words have changed; equal rules share one.
//
//   PolicyOrder -> compilePolicy -> self-test -> NamedPolicy | Failure
import { failure, type Failure } from '../../errors.ts'
import type { DetectionPolicy, PolicySource } from '../detectors/policy.ts'
import type { NamedPolicy } from '../mask/inspector.ts'
import type { PolicyOrder } from './job.ts'

/** Policies kept; more different rules than this are compiled anew. */
export const MAX_POLICIES = 64

export interface PoliciesDeps {
  readonly compile: (source: PolicySource) => DetectionPolicy
  /** The enabled detectors that do not fire on their own samples. */
  readonly silentDetectors: (policy: DetectionPolicy) => readonly string[]
}

export class Policies {
  readonly #deps: PoliciesDeps
  readonly #byId = new Map<string, NamedPolicy | Failure>()

  constructor(deps: PoliciesDeps) {
    this.#deps = deps
  }

  of({ id, redaction, wordLists }: PolicyOrder, rule: string): NamedPolicy | Failure {
    const known = this.#byId.get(id)
    if (known !== undefined) return known
    const policy = this.#deps.compile({ redaction, wordLists })
    const silent = this.#deps.silentDetectors(policy)
    const result =
      silent.length === 0
        ? { id, policy }
        : failure('masking_failed', `Detectors of rule ${rule} do not work: ${silent.join(', ')}.`)
    if (this.#byId.size >= MAX_POLICIES) this.#byId.clear()
    this.#byId.set(id, result)
    return result
  }
}
