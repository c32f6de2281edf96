// A section of the dashboard with a table, or with a sentence where there is nothing to show yet, and a line for what
// was not drawn. Pure markup, like page.ts.
import { html, type Html } from './html.ts'
import type { Rows } from './state.ts'

export interface TableParts {
  readonly id: string
  readonly title: string
  readonly heads: readonly string[]
  readonly rows: readonly Html[]
  readonly empty: string
  readonly rest: Html
}

export function renderTable({ id, title, heads, rows, empty, rest }: TableParts): Html {
  const titleId = `${id}-title`
  const body =
    rows.length === 0
      ? html`<p class="empty">${empty}</p>`
      : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${titleId}">
          <table>
            <thead>
              <tr>
                ${heads.map(renderHead)}
              </tr>
            </thead>
            <tbody>
              ${rows}
            </tbody>
          </table>
        </div>`
  return html`<section id="${id}" aria-labelledby="${titleId}">
    <h2 id="${titleId}">${title}</h2>
    ${body}${rest}
  </section>`
}

const NUMBER_HEADS: readonly string[] = ['Attempts', 'Took', 'Calls', 'Values', 'Share']

function renderHead(head: string): Html {
  return html`<th scope="col" class="${NUMBER_HEADS.includes(head) ? 'number' : 'text'}">${head}</th>`
}

export function renderRest({ shown, total }: Rows<unknown>): Html {
  return total > shown.length ? html`<p class="rest">and ${total - shown.length} more</p>` : html``
}
