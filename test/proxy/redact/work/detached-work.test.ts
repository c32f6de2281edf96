// A detector that never returns, or takes its thread down, behind the real proxy: its call is refused, calls beside it
// go on, masked ones too, and the proxy masks on. What becomes of such calls under other settings: fault-matrix.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTable, startProxy, type ProxyRig } from '../../../support/proxy-rig.ts'
import { answers, completion, Upstream } from '../../../support/upstream.ts'
import { LOOK_EVERY_MS } from '../../../../proxy/redact/work/detached-work.ts'
import { systemTimers, type Timers } from '../../../../proxy/upstream/timers.ts'

const KEYS = { 'redaction/current': Buffer.alloc(32, 7).toString('base64') }
const EMAIL = 'alice.muster@example.com'

/** Looks at the thread more often, so that nobody waits for five seconds. */
const hasty: Timers = {
  start: (delayMs, run) => systemTimers.start(delayMs === LOOK_EVERY_MS ? delayMs / 25 : delayMs, run),
}

let upstream: Upstream
let rig: ProxyRig

beforeAll(async () => {
  upstream = await Upstream.start()
  const table = makeTable({
    routes: [
      { models: ['plain'], backends: ['a'] },
      { backends: ['a'], redact: { profile: 'Credentials' } },
    ],
    targets: { a: { url: upstream.url } },
  })
  const maskingThread = new URL('broken-thread.ts', import.meta.url)
  rig = await startProxy({ table, keys: KEYS, maskingThread, timers: hasty })
})

afterAll(async () => {
  await rig.stop()
  await upstream.stop()
})

async function ask(content: string, model = 'masked') {
  upstream.script.push(answers(completion('yes')))
  const body = JSON.stringify({ model, messages: [{ role: 'user', content }] })
  const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', body })
  await response.text()
  const { status, headers } = response
  return [status, headers.get('x-modelroute-error'), headers.get('x-modelroute-redaction')] as const
}

const REFUSED = [500, 'masking_failed', null]

test.each([['never returns'], ['ends the thread']])(
  'a detector that %s: the call is refused, those beside it go on',
  async (what) => {
    await ask(`mail ${EMAIL}`)
    upstream.requests.splice(0)
    const broken = ask(`${EMAIL} ${what}`)
    const [plain, masked, refused] = await Promise.all([ask('hi', 'plain'), ask(`mail ${EMAIL}`), broken])
    expect(plain[0]).toBe(200)
    expect(masked[0]).toBe(200)
    expect(refused).toEqual(REFUSED)
    expect(upstream.requests.map(({ body }) => body).join()).not.toContain('muster')
    expect(upstream.requests).toHaveLength(2)
    expect(rig.logText()).not.toContain('muster')
  },
)
