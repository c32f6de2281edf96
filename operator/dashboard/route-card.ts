// One ModelRoute on the dashboard: its conditions, what is wrong with it, and its rules with the backends in force.
// Pure markup over RouteView, like page.ts.
import { html, type Html } from './html.ts'
import { pill } from './pill.ts'
import type { BackendView, RuleView } from './rule-view.ts'
import type { ConditionView } from './resource-view.ts'
import type { RouteView } from './state.ts'

export function renderRoute(route: RouteView): Html {
  const troubles = route.conditions.filter(({ status }) => status !== 'True')
  const programmed = route.programmed === '' ? '' : html`<span>${route.programmed} proxies</span>`
  return html`<article class="card">
    <div class="card-head">
      <h3>${route.namespace}/${route.name}</h3>
      <p class="facts"><span>for ${route.selector}</span>${programmed}</p>
      <p class="pills">${route.conditions.map(renderCondition)}</p>
    </div>
    ${renderSentences(troubles, route)}
    <ol class="rules">
      ${route.rules.map(renderRule)}
    </ol>
  </article>`
}

function renderCondition({ type, status, reason, message }: ConditionView): Html {
  const title = message === '' ? reason : `${reason}: ${message}`
  const tone = status === 'True' ? 'good' : status === 'False' ? 'bad' : 'waiting'
  return html`<span title="${title}">${pill(tone, type)}</span>`
}

/** What stands in the way, each sentence once: a condition often repeats the finding behind it. */
function renderSentences(troubles: readonly ConditionView[], { findings }: RouteView): Html {
  const sentences = new Set(
    [...findings, ...troubles].map(({ message }) => message).filter((message) => message !== ''),
  )
  if (sentences.size === 0) return html``
  return html`<ul class="findings">
    ${[...sentences].map((sentence) => html`<li>${sentence}</li>`)}
  </ul>`
}

function renderRule(rule: RuleView): Html {
  const models =
    rule.models.length === 0
      ? html`any model`
      : html`model ${rule.models.map((model, position) => html`${position === 0 ? '' : ' or '}<code>${model}</code>`)}`
  const state = rule.isInForce ? html`` : html`<p class="quiet">No proxy has this rule now.</p>`
  const unavailable = rule.unavailable === '' ? html`` : html`<p class="reason">${rule.unavailable}</p>`
  return html`<li class="rule">
    <p class="rule-head"><strong>${rule.name}</strong> <span>${models}</span></p>
    <ul class="backends">
      ${rule.backends.map((backend) => renderBackend(backend, rule.isInForce))}
    </ul>
    ${state}${unavailable}
  </li>`
}

function renderBackend(backend: BackendView, isInForce: boolean): Html {
  const share =
    backend.share === null
      ? html`<span class="share out">${isInForce ? 'left out' : `weight ${backend.weight}`}</span>`
      : html`${renderBar(backend.share)}<span class="share">${backend.share} %</span>`
  const tier = backend.tier === 0 ? 'first' : `when tier ${backend.tier - 1} fails`
  return html`<li class="backend">
    <span class="tier">${tier}</span>
    <span class="target"><strong>${backend.provider}</strong> ${backend.model ?? 'the asked model'}</span>${share}
  </li>`
}

/** Attributes and not styles: the page's policy allows no inline style. */
function renderBar(share: number): Html {
  return html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
    <rect class="track" width="100" height="6" rx="3" />
    <rect class="fill" width="${share}" height="6" rx="3" />
  </svg>`
}
