// A template tag that escapes: text from users can only become text on the page.
//
//   html`<b>${name}</b>` -> Html; a value that is Html already, or an array of it, is put in as it is.
//
// Safe in element content and in quoted attributes, which is all that page.ts uses.

export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

export type HtmlValue = string | number | Html | readonly Html[]

export function html(literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = literals.flatMap((literal, position) => {
    const value = values[position]
    return value === undefined ? [literal] : [literal, toMarkup(value)]
  })
  return new Html(parts.join(''))
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

function toMarkup(value: HtmlValue): string {
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(String).join('')
  return escapeHtml(String(value))
}
