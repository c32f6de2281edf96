// Questions that wait for a proxy's answer on its stream: a described call that somebody wants explained. An answer
// finds its question by id; a proxy that is silent, or gone, is an answer too.
import type { FromOperator, FromProxy } from '../../proxy/table/messages.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'

/** Questions that one proxy is asked at a time; more are refused. */
export const MAX_WAITING = 4
export const ANSWER_LIMIT_MS = 10_000

export interface Explained {
  readonly status: number
  readonly text: string
}

interface Waiting {
  readonly settle: (explained: Explained) => void
  readonly cancel: () => void
}

export interface QuestionsDeps {
  readonly clock: Clock
  readonly makeNonce: () => string
}

type Send = (message: Extract<FromOperator, { type: 'explain' }>) => void

export class Questions {
  readonly #deps: QuestionsDeps
  readonly #send: Send
  readonly #waiting = new Map<string, Waiting>()

  constructor(deps: QuestionsDeps, send: Send) {
    this.#deps = deps
    this.#send = send
  }

  ask(call: string): Promise<Explained> {
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.resolve({ status: 503, text: `The proxy is explaining ${MAX_WAITING} calls already: try again.` })
    }
    const { clock, makeNonce } = this.#deps
    const { promise, resolve } = Promise.withResolvers<Explained>()
    const id = makeNonce()
    const seconds = ANSWER_LIMIT_MS / 1000
    const silent = { status: 504, text: `The proxy has not answered within ${seconds} s; an older one cannot explain.` }
    const cancel = clock.after(ANSWER_LIMIT_MS, () => this.#settle(id, silent))
    this.#waiting.set(id, { settle: resolve, cancel })
    this.#send({ type: 'explain', question: id, call })
    return promise
  }

  answer({ question, status, text }: Extract<FromProxy, { type: 'explained' }>): void {
    this.#settle(question, { status, text })
  }

  /** The stream has ended. */
  close(): void {
    for (const id of this.#waiting.keys()) this.#settle(id, { status: 502, text: 'The proxy has gone away.' })
  }

  #settle(id: string, explained: Explained): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    waiting.cancel()
    waiting.settle(explained)
  }
}
