// Which provider holds what a call refers to: OpenAI's responses and conversations are kept by the provider that made
// them, and no other one knows them. Remembered from the answers, so that a call that goes on from one stays there; an
// id that is not known here (another replica made it, or this one was restarted) is asked for in the rule's own order,
// and "there is none" moves the call on (classify.ts).
//
//   attempts -> keepTogether -> those of the owner -> failover -> watch: the answer's own id -> owner
//
// Bounded by MAX_OWNED; only rules with several providers have anything to remember.
import { Buffer } from 'node:buffer'
import { decodeSmall } from '../encoding/small-body.ts'
import type { Failure } from '../errors.ts'
import type { Answered, AnswerStream, Attempt, Call } from '../exchange.ts'
import { readString, scanMembers } from '../json/scan.ts'
import { Relay } from '../relay.ts'

/** Ids remembered; of more, those met first are forgotten. */
export const MAX_OWNED = 4096
/** Longer ones are not remembered. */
const MAX_ID_LENGTH = 256
/** The event that names a response is its stream's first. */
const HEAD_BYTES = 4096
const CREATED = /"response":\s{0,8}\{\s{0,8}"id":\s{0,8}"([^"\\]+)"/
const STATE_MEMBERS = ['previous_response_id', 'conversation'] as const

export class StateOwners {
  /** Provider by id. */
  readonly #providers = new Map<string, string>()

  /** The attempts at the provider that holds what the call refers to; all of them where none is known to. */
  keepTogether(call: Call, attempts: readonly Attempt[]): readonly Attempt[] {
    if (!hasChoice(call, attempts)) return attempts
    for (const id of statesOf(call)) {
      const provider = this.#providers.get(id)
      const own = provider === undefined ? [] : attempts.filter(({ target }) => target.provider === provider)
      if (own.length > 0) return own
    }
    return attempts
  }

  /** The same answer, whose id is remembered when it comes by. */
  watch(answered: Answered, { call, attempts, attempt }: Answering): Answered {
    if (!hasChoice(call, attempts) || answered.status >= 400 || answered.translation) return answered
    const { provider } = attempt.target
    for (const id of statesOf(call)) this.#remember(id, provider)
    const { body, headers } = answered
    if ('start' in body) {
      return { ...answered, body: new HeadWatch(body, (head) => this.#remember(idInStream(head), provider)) }
    }
    this.#remember(idOfWhole(decodeSmall(body, headers['content-encoding'])), provider)
    return answered
  }

  #remember(id: string | null, provider: string): void {
    if (id === null || id.length > MAX_ID_LENGTH) return
    this.#providers.delete(id)
    if (this.#providers.size >= MAX_OWNED) this.#forgetFirst()
    this.#providers.set(id, provider)
  }

  #forgetFirst(): void {
    for (const id of this.#providers.keys()) {
      this.#providers.delete(id)
      return
    }
  }
}

export interface Answering {
  readonly call: Call
  /** All of the rule's. */
  readonly attempts: readonly Attempt[]
  /** The one that answered. */
  readonly attempt: Attempt
}

function hasChoice({ received }: Call, attempts: readonly Attempt[]): boolean {
  if (received.place.operation !== 'Response') return false
  const [first] = attempts
  return attempts.some(({ target }) => target.provider !== first?.target.provider)
}

/** What the provider must already hold. A conversation is named by its id, or by an object with it. */
function statesOf({ received: { body } }: Call): readonly string[] {
  const [previous, conversation] = scanMembers(body, { start: 0, end: body.length }, STATE_MEMBERS) ?? []
  const inside = conversation === undefined ? undefined : scanMembers(body, conversation, ['id'])?.[0]
  const spans = [previous, inside ?? conversation]
  return spans.flatMap((span) => (span === undefined ? [] : (readString(body, span) ?? [])))
}

function idOfWhole(body: Buffer): string | null {
  const [id] = scanMembers(body, { start: 0, end: body.length }, ['id']) ?? []
  return id === undefined ? null : readString(body, id)
}

function idInStream(head: Buffer): string | null {
  return CREATED.exec(head.toString('latin1'))?.[1] ?? null
}

/** Hands on what comes, and the first bytes of it once more. */
class HeadWatch extends Relay {
  readonly #onHead: (head: Buffer) => void
  #head: Buffer | null = Buffer.alloc(0)

  constructor(source: AnswerStream, onHead: (head: Buffer) => void) {
    super(source)
    this.#onHead = onHead
  }

  write(chunk: Buffer): boolean {
    if (this.#head !== null) this.#look(Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES)]))
    return this.sink?.write(chunk) ?? true
  }

  end(fault: Failure | null): void {
    if (this.#head !== null) this.#onHead(this.#head)
    this.sink?.end(fault)
  }

  #look(head: Buffer): void {
    this.#head = head.length < HEAD_BYTES && idInStream(head) === null ? head : null
    if (this.#head === null) this.#onHead(head)
  }
}
