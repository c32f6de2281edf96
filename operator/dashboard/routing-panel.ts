// Where calls go, and why one would: the share of each target in a rule's calls, and the box that has a proxy explain
// a described call. The box stands outside of what is drawn anew every second, so that nothing typed is lost. Pure.
import { html, type Html } from './html.ts'
import type { PodView, Rows, SpreadView } from './state.ts'
import { renderRest, renderTable } from './table.ts'

export function renderSpread(spread: Rows<SpreadView>): Html {
  return renderTable({
    id: 'spread',
    title: 'Where calls go',
    heads: ['Rule', 'Answered by', 'Calls', 'Share'],
    rows: spread.shown.map(
      ({ route, target, calls, share }) =>
        html`<tr>
          <td>${route}</td>
          <td>${target ?? 'no provider'}</td>
          <td class="number">${calls}</td>
          <td class="number">${share} %</td>
        </tr>`,
    ),
    empty: 'No call yet. Each rule and the targets that answered its calls appear here.',
    rest: renderRest(spread),
  })
}

/** What the box can ask, for its list of suggestions. */
export function renderPods(pods: Rows<PodView>): Html {
  return html`<section id="pods" hidden>
    <datalist id="pod-names">${pods.shown.map(({ name }) => html`<option value="${name}"></option>`)}</datalist>
  </section>`
}

const EXAMPLE = `{
  "path": "/v1/chat/completions",
  "headers": {},
  "body": { "model": "auto", "messages": [{ "role": "user", "content": "Hello" }] }
}`

export function renderExplain(): Html {
  return html`<section id="explain" aria-labelledby="explain-title">
    <h2 id="explain-title">Explain a call</h2>
    <p class="quiet">The proxy of a pod says what it would do with this call, without making it.</p>
    <p>
      <label for="explain-pod">Pod</label>
      <input id="explain-pod" list="pod-names" autocomplete="off" placeholder="namespace/name" />
    </p>
    <p>
      <label for="explain-call">Call</label>
      <textarea id="explain-call" rows="6" spellcheck="false">${EXAMPLE}</textarea>
    </p>
    <p><button id="explain-ask" type="button">Explain</button></p>
    <pre id="explain-answer" role="status" aria-live="polite"></pre>
  </section>`
}
