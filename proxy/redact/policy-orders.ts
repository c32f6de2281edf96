// What a rule detects, put together for the work on bodies: its words and, from the keys channel, the lists of words
// that it names. Hashed once per rule and set of lists, so that equal rules are one policy.
import { createHash } from 'node:crypto'
import { failure, type Failure } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { KeyRing } from '../table/key-ring.ts'
import type { Redaction } from '../table/schema.ts'
import type { PolicyOrder } from './work/job.ts'

interface Ordered {
  readonly lists: readonly Secret[]
  readonly order: PolicyOrder
}

export class PolicyOrders {
  readonly #keys: Pick<KeyRing, 'find'>
  readonly #byRedaction = new WeakMap<Redaction, Ordered>()

  constructor(keys: Pick<KeyRing, 'find'>) {
    this.#keys = keys
  }

  of(rule: string, redaction: Redaction): PolicyOrder | Failure {
    const names = redaction.wordLists ?? []
    const lists = names.map((name) => this.#keys.find(name))
    const missing = names[lists.indexOf(undefined)]
    if (missing !== undefined) {
      return failure('masking_not_ready', `The word list "${missing}" of rule ${rule} has not come to this proxy.`)
    }
    const come = lists.filter((list) => list !== undefined)
    const known = this.#byRedaction.get(redaction)
    if (known?.lists.every((list, index) => list === come[index]) === true) return known.order
    const order = orderOf(redaction, come)
    this.#byRedaction.set(redaction, { lists: come, order })
    return order
  }
}

function orderOf(redaction: Redaction, lists: readonly Secret[]): PolicyOrder {
  const hash = createHash('sha256').update(JSON.stringify(redaction))
  for (const list of lists) hash.update('\u0000').update(list.reveal())
  const wordLists = new Map(lists.map((list, index) => [redaction.wordLists?.[index] ?? '', wordsOf(list)]))
  return { id: hash.digest('base64'), redaction, wordLists }
}

function wordsOf(list: Secret): readonly string[] {
  const lines = list.reveal().split(/\r?\n/)
  return lines.map((line) => line.trim()).filter((line) => line !== '')
}
