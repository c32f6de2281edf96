// A value that must never be printed: provider keys and tokens travel through the code as Secret.
// Strings, template literals, JSON and util.inspect all show `[secret]`; only reveal() gives the text, so that
// every place that really needs it can be found by searching for one word.
import { inspect } from 'node:util'

export const SECRET_MASK = '[secret]'

export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself. Call it at the last moment, where the value is written to a header or a private file. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return SECRET_MASK
  }

  toJSON(): string {
    return SECRET_MASK
  }

  [inspect.custom](): string {
    return SECRET_MASK
  }
}
