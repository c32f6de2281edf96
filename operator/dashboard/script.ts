// The dashboard's script, as text for the browser: asks for the parts once a second and swaps in those that changed,
// so that a reader's focus and scroll position stay where they are. Times are shown in the reader's own zone.
// It only ever parses markup that page.ts made; the page's policy allows no other script.

/** The server answers 304 while nothing changed, so a quiet page costs a few hundred bytes a second. */
const POLL_MS = 1000

export const SCRIPT = `'use strict'
const parts = document.getElementById('parts')
const live = document.getElementById('live')
const drawn = new Map()
let tag = ''

function showTimes(root) {
  for (const time of root.querySelectorAll('time')) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString()
    time.title = new Date(time.dateTime).toString()
  }
}

function swap(markup) {
  const fresh = new DOMParser().parseFromString(markup, 'text/html')
  for (const section of fresh.querySelectorAll('section')) {
    if (drawn.get(section.id) === section.innerHTML) continue
    drawn.set(section.id, section.innerHTML)
    showTimes(section)
    document.getElementById(section.id).replaceChildren(...section.childNodes)
  }
}

function say(words, state) {
  if (live.textContent !== words) live.textContent = words
  live.className = 'live ' + state
}

async function follow() {
  try {
    const headers = tag === '' ? {} : { 'if-none-match': tag }
    const answer = await fetch('/parts', { headers, cache: 'no-store', signal: AbortSignal.timeout(5000) })
    if (answer.status === 200) {
      swap(await answer.text())
      tag = answer.headers.get('etag') ?? ''
    }
    if (answer.status === 200 || answer.status === 304) say('live', 'on')
    else say('the operator answered ' + answer.status, 'lost')
  } catch {
    say('connection lost, trying again', 'lost')
  }
  setTimeout(follow, document.hidden ? ${5 * POLL_MS} : ${POLL_MS})
}

const asking = {
  pod: document.getElementById('explain-pod'),
  call: document.getElementById('explain-call'),
  button: document.getElementById('explain-ask'),
  answer: document.getElementById('explain-answer'),
}

async function explain() {
  asking.button.disabled = true
  asking.answer.textContent = 'asking the proxy'
  try {
    const body = JSON.stringify({ pod: asking.pod.value, call: asking.call.value })
    const answer = await fetch('/explain', { method: 'POST', body, signal: AbortSignal.timeout(15000) })
    asking.answer.textContent = await answer.text()
  } catch {
    asking.answer.textContent = 'no answer from the operator'
  }
  asking.button.disabled = false
}

function suggestPod() {
  const first = document.querySelector('#pod-names option')
  if (asking.pod.value === '' && first) asking.pod.value = first.value
}

asking.button.addEventListener('click', () => void explain())
asking.pod.addEventListener('focus', suggestPod)
suggestPod()
showTimes(parts)
void follow()
`
