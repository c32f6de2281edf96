// What a rule redacts, as its table carries it, or the sentence that says why it cannot. Pure.
//
//   rule.redact -> unknown detectors, unsafe patterns, the Secret of words -> Redaction | Problem
//
// A rule that cannot mask what it should is closed: it stays in the table without backends, with the reason, so that
// no call of it leaves the pod. `Pass` is about a call that fails, never about a rule that was written wrong.
import type { RedactionSpec } from '../../crds/redaction.ts'
import type { Redaction } from '../../proxy/table/schema.ts'
import { redactionFaults } from '../../proxy/redact/detectors/faults.ts'
import type { NamespaceInputs } from '../gather.ts'
import type { KeyReference } from '../push/publication.ts'
import { boundedId, keyProblem, type Problem } from '../resolve.ts'

/** What is wrong with `redact`, by path within it. */
export type RedactionProblem = Problem & { readonly path: string }

export interface RedactionUse {
  readonly redaction: Redaction
  readonly problems: readonly RedactionProblem[]
  /** Those of the problems that leave the rule without what it should mask. */
  readonly closing: readonly RedactionProblem[]
  readonly warnings: readonly { readonly path: string; readonly message: string }[]
}

export function resolveRedaction(inputs: NamespaceInputs, spec: RedactionSpec): RedactionUse {
  const words = wordsOf(inputs.namespace, spec)
  const redaction = toRedaction(spec, words)
  const { errors, warnings } = redactionFaults(redaction)
  const state = words && inputs.keyStates.get(words.id)
  const problem = words && state ? keyProblem(state, { owner: 'of words to mask', key: words }) : null
  const invalid = errors.map(({ path, message }) => ({ reason: 'RedactionInvalid' as const, path, message }))
  const problems = problem === null ? invalid : [...invalid, { ...problem, path: 'words.secretRef' }]
  // Words that were read once stay in use while their Secret is forbidden.
  const closing = problems.filter(({ reason }) => reason !== 'SecretForbidden')
  return { redaction, problems, closing, warnings: [...warnings, ...softSpots(redaction)] }
}

/** What an author should see again in status: the rule lets text out, by wish. */
function softSpots({ mode, onFailure }: Redaction): RedactionUse['warnings'] {
  const dryRun = { path: 'mode', message: 'redact.mode is DryRun: nothing is masked, findings are only counted' }
  const pass = { path: 'onFailure', message: 'redact.onFailure is Pass: a call that cannot be masked leaves as it is' }
  return [...(mode === 'DryRun' ? [dryRun] : []), ...(onFailure === 'Pass' ? [pass] : [])]
}

/** Where the words rest; null for a rule without a Secret of them. */
export function wordsOf(namespace: string, { words }: RedactionSpec): KeyReference | null {
  if (words.secretRef === undefined) return null
  const { name, key } = words.secretRef
  const id = boundedId(`words/${namespace}/${name}/${key}`)
  return { id, namespace, secretName: name, secretKey: key, holds: 'words' }
}

function toRedaction(spec: RedactionSpec, words: KeyReference | null): Redaction {
  const { profile, mode, onFailure, add, remove, patterns } = spec
  return {
    profile,
    mode,
    onFailure,
    add,
    remove,
    ...(spec.words.list.length === 0 ? {} : { words: spec.words.list }),
    ...(words === null ? {} : { wordLists: [words.id] }),
    ...(patterns.length === 0 ? {} : { patterns }),
  }
}
