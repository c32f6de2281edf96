// The dashboard's markup, drawn on the server from DashboardState: the whole page once, and its parts again and again.
//
//   GET /       renderPage   head, style and script links, and the parts
//   GET /parts  renderParts  what script.ts swaps in, section by section
//
// Pure. Every value goes through the html tag, so a name such as `<script>` is only ever text.
import { renderCache } from './cache-panel.ts'
import { html, type Html } from './html.ts'
import { pill, type Tone } from './pill.ts'
import { renderRoute } from './route-card.ts'
import { renderExplain, renderPods, renderSpread } from './routing-panel.ts'
import type { CallView, DashboardState, ProxyState, ProxyView, RedactionView, Rows } from './state.ts'
import type { ProviderView } from './resource-view.ts'
import { renderRest, renderTable } from './table.ts'

export function renderPage(state: DashboardState): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>modelroute</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
        <script src="/script.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#calls">Skip to the recent calls</a>
        <header>
          <h1><img src="/icon.svg" alt="" width="28" height="28" /> modelroute</h1>
          <p class="source">${state.source}</p>
          <p id="live" class="live" role="status">connecting</p>
        </header>
        <noscript
          ><p class="notice">
            This page needs JavaScript to follow changes; reload it to see the newest state.
          </p></noscript
        >
        <main>
          <div id="parts">${renderParts(state)}</div>
          ${renderExplain()}
        </main>
      </body>
    </html> `.toString()
}

export function renderParts(state: DashboardState): Html {
  return html`${renderTotals(state)}${renderNotices(state.notices)}${renderRoutes(state)}${renderSpread(state.spread)}${renderPods(state.connected)}${renderCalls(state.calls)}${renderCache(state.cache)}${renderRedaction(state.redaction)}${renderProxies(state.proxies)}${renderProviders(state.providers)}`
}

function renderTotals({ totals }: DashboardState): Html {
  const heard = totals.current + totals.behind + totals.rejected + totals.unconnected
  const total = (label: string, figure: string, isGood: boolean) =>
    html`<div class="${isGood ? 'total' : 'total attention'}">
      <dt>${label}</dt>
      <dd>${figure}</dd>
    </div>`
  return html`<section id="totals" aria-label="Summary">
    <dl class="totals">
      ${total('Routes ready', `${totals.readyRoutes} / ${totals.routes}`, totals.readyRoutes === totals.routes)}
      ${total('Proxies current', `${totals.current} / ${heard}`, totals.current === heard)}
      ${total('Tables rejected', String(totals.rejected), totals.rejected === 0)}
      ${total('Calls', String(totals.calls), true)}
    </dl>
  </section>`
}

/** Always there, so that the script finds the section when the first notice comes. */
function renderNotices(notices: Rows<string>): Html {
  const items = notices.shown.map((notice) => html`<li>${notice}</li>`)
  const list =
    items.length === 0
      ? html``
      : html`<ul class="findings">
          ${items}
        </ul>`
  return html`<section id="notices" aria-label="What has no effect">${list}${renderRest(notices)}</section>`
}

function renderRoutes({ routes }: DashboardState): Html {
  const cards = routes.shown.map(renderRoute)
  const empty = html`<p class="empty">
    No ModelRoute yet. Apply one, or save one into the folder, and it appears here.
  </p>`
  return html`<section id="routes" aria-labelledby="routes-title">
    <h2 id="routes-title">Routes</h2>
    ${cards.length === 0 ? empty : cards}${renderRest(routes)}
  </section>`
}

function renderCalls(calls: Rows<CallView>): Html {
  const heads = ['Time', 'Pod', 'Asked model', 'Route', 'Answered by', 'Status', 'Attempts', 'Took']
  return renderTable({
    id: 'calls',
    title: 'Recent calls',
    heads,
    rows: calls.shown.map(renderCall),
    empty: 'No call yet. Point an OpenAI client at a proxy and its calls appear here.',
    rest: renderRest(calls),
  })
}

function renderCall(call: CallView): Html {
  const at = new Date(call.atMs).toISOString()
  const isGood = call.status < 400
  return html`<tr>
    <td><time datetime="${at}">${at.slice(11, 19)}</time></td>
    <td>${call.pod}</td>
    <td>${call.model ?? '–'}</td>
    <td>${call.route ?? '–'}</td>
    <td>${call.target ?? '–'}</td>
    <td>
      ${pill(isGood ? 'good' : 'bad', call.error === null ? String(call.status) : `${call.status} ${call.error}`)}
    </td>
    <td class="number">${call.attempts}</td>
    <td class="number">${Math.round(call.durationMs)} ms</td>
  </tr>`
}

/** How many, of what kind, and never what. */
function renderRedaction({ masked, restored, damaged, passed }: RedactionView): Html {
  const fates = `Restored in answers: ${restored}. Came back damaged: ${damaged}.`
  const left = passed === 0 ? '' : ` Calls that left unmasked, as their rule says: ${passed}.`
  return renderTable({
    id: 'redaction',
    title: 'Redaction',
    heads: ['Found', 'Values'],
    rows: masked.shown.map(
      ({ type, count }) =>
        html`<tr>
          <td>${type}</td>
          <td class="number">${count}</td>
        </tr>`,
    ),
    empty: 'Nothing masked yet. Give a rule a redact section, and what it finds is counted here.',
    rest:
      masked.total === 0
        ? html``
        : html`<p class="rest">${fates + left}</p>
            ${renderRest(masked)}`,
  })
}

const PROXY_STATES: Readonly<Record<ProxyState, { readonly tone: Tone; readonly words: string }>> = {
  current: { tone: 'good', words: 'current' },
  behind: { tone: 'waiting', words: 'catching up' },
  rejected: { tone: 'bad', words: 'rejected' },
  unconnected: { tone: 'waiting', words: 'not connected' },
  elsewhere: { tone: 'waiting', words: 'at another replica' },
}

function renderProxies(proxies: Rows<ProxyView>): Html {
  return renderTable({
    id: 'proxies',
    title: 'Proxies',
    heads: ['Pod', 'State', 'Runs table', 'Should run', 'Calls'],
    rows: proxies.shown.map(renderProxy),
    empty: 'No pod with a sidecar. Annotate a workload with modelroute.dev/inject=true.',
    rest: renderRest(proxies),
  })
}

function renderProxy(proxy: ProxyView): Html {
  const { tone, words } = PROXY_STATES[proxy.state]
  const reason = proxy.reason === '' ? '' : html`<p class="reason">${proxy.reason}</p>`
  return html`<tr>
    <td>${proxy.namespace}/${proxy.pod}</td>
    <td>${pill(tone, words)}${reason}</td>
    <td>${version(proxy.runs)}</td>
    <td>${version(proxy.wanted)}</td>
    <td class="number">${proxy.calls}</td>
  </tr>`
}

function renderProviders(providers: Rows<ProviderView>): Html {
  return renderTable({
    id: 'providers',
    title: 'Providers',
    heads: ['Name', 'State', 'Dialect', 'URL', 'Key', 'Used by'],
    rows: providers.shown.map(renderProvider),
    empty: 'No ModelProvider yet.',
    rest: renderRest(providers),
  })
}

function renderProvider(provider: ProviderView): Html {
  const findings = provider.findings.map(({ message }) => html`<p class="reason">${message}</p>`)
  return html`<tr>
    <td>${provider.namespace}/${provider.name}</td>
    <td>${pill(provider.isReady ? 'good' : 'bad', provider.isReady ? 'ready' : 'not ready')}${findings}</td>
    <td>${provider.dialect}</td>
    <td><code>${provider.url}</code></td>
    <td>${provider.credential === '' ? 'none needed' : provider.credential}</td>
    <td>${provider.usedBy.length === 0 ? 'no route' : provider.usedBy.join(', ')}</td>
  </tr>`
}

function version(text: string | null): Html {
  return text === null ? html`none` : html`<code title="${text}">${text.slice(0, 8)}</code>`
}
