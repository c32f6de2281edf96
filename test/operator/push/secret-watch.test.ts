// The budget and the rhythm of following Secrets, with a clock that the test moves.
import { expect, test } from 'vitest'
import type { SecretRead } from '../../../operator/kube/source.ts'
import { BURST_GETS, GETS_PER_SECOND, SECRET_INTERVAL_MS, SecretWatch } from '../../../operator/push/secret-watch.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { MemorySecrets } from '../../support/push-rig.ts'

function watching(secrets = new MemorySecrets()) {
  const clock = new ManualClock()
  const answers: { readonly name: string; readonly answer: SecretRead }[] = []
  const getsAtMs: number[] = []
  const watch = new SecretWatch({
    secrets,
    clock,
    onAnswer: ({ name }, answer) => answers.push({ name, answer }),
    onGet: () => getsAtMs.push(clock.now()),
  })
  return { clock, secrets, watch, answers, getsAtMs }
}

/** Moves time in small steps and lets the answers of each step come in. */
async function pass(clock: ManualClock, byMs: number, stepMs = 10): Promise<void> {
  for (let passedMs = 0; passedMs < byMs; passedMs += stepMs) {
    clock.advance(stepMs)
    await new Promise(setImmediate)
  }
}

test('a followed Secret is read at once, then only its version is looked at every 3 s', async () => {
  const { clock, secrets, watch, answers } = watching()
  secrets.put('shop/openai', { 'api-key': 'one' })
  watch.follow('shop', new Set(['openai']))
  await pass(clock, 0)
  await pass(clock, 2 * SECRET_INTERVAL_MS + 100, 50)
  expect(secrets.asked.map(({ kind }) => kind)).toEqual(['body', 'version', 'version'])
  expect(answers).toHaveLength(1)
})

test('a changed version brings the body at once', async () => {
  const { clock, secrets, watch, answers } = watching()
  secrets.put('shop/openai', { 'api-key': 'one' })
  watch.follow('shop', new Set(['openai']))
  await pass(clock, 100)
  secrets.put('shop/openai', { 'api-key': 'two' })
  await pass(clock, SECRET_INTERVAL_MS)
  expect(secrets.asked.map(({ kind }) => kind)).toEqual(['body', 'version', 'body'])
  expect(answers.at(-1)?.answer).toMatchObject({ data: { 'api-key': Buffer.from('two').toString('base64') } })
})

test('a Secret that is missing is told once an interval until it appears, and then read', async () => {
  const { clock, secrets, watch, answers } = watching()
  watch.follow('shop', new Set(['openai']))
  await pass(clock, 100)
  secrets.put('shop/openai', { 'api-key': 'one' })
  await pass(clock, SECRET_INTERVAL_MS)
  expect(answers.map(({ answer }) => answer.kind)).toEqual(['missing', 'found'])
})

test('an API server that cannot be reached changes nothing and is asked again at the next interval', async () => {
  class FlakySecrets extends MemorySecrets {
    isAway = true
    override read(namespace: string, name: string) {
      return this.isAway ? Promise.reject(new Error('connect ECONNREFUSED')) : super.read(namespace, name)
    }
  }
  const flaky = new FlakySecrets()
  flaky.put('shop/openai', { 'api-key': 'one' })
  const { clock, watch, answers } = watching(flaky)
  watch.follow('shop', new Set(['openai']))
  await pass(clock, 100)
  expect(answers).toEqual([])
  flaky.isAway = false
  await pass(clock, SECRET_INTERVAL_MS)
  expect(answers).toHaveLength(1)
})

test.each([{ count: 1 }, { count: 120 }, { count: 121 }, { count: 400 }])(
  'with $count Secrets no second has more than 50 GETs, and each is looked at within the interval it states',
  async ({ count }) => {
    const { clock, secrets, watch, getsAtMs } = watching()
    const names = Array.from({ length: count }, (_, index) => `secret-${index}`)
    for (const name of names) secrets.put(`shop/${name}`, { 'api-key': name })
    watch.follow('shop', new Set(names))
    expect(watch.intervalMs()).toBe(Math.max(SECRET_INTERVAL_MS, Math.ceil((count * 1000) / GETS_PER_SECOND)))
    await pass(clock, 100)
    await pass(clock, 3 * watch.intervalMs() + 1_000)
    const busiest = Math.max(...getsAtMs.map((from) => getsAtMs.filter((at) => at >= from && at < from + 1000).length))
    expect(busiest).toBeLessThanOrEqual(BURST_GETS + GETS_PER_SECOND)
    const looks = new Map(names.map((name) => [name, 0]))
    for (const { name } of secrets.asked) looks.set(name.slice(5), (looks.get(name.slice(5)) ?? 0) + 1)
    expect(Math.min(...looks.values())).toBeGreaterThanOrEqual(3)
  },
)

test('a Secret that is not named any more is neither asked for nor told', async () => {
  const { clock, secrets, watch, answers } = watching()
  watch.follow('shop', new Set(['openai']))
  watch.follow('shop', new Set())
  const asked = secrets.asked.length
  await pass(clock, 2 * SECRET_INTERVAL_MS, 50)
  expect(secrets.asked).toHaveLength(asked)
  expect(answers).toEqual([])
  expect(clock.waiting).toBe(0)
})
