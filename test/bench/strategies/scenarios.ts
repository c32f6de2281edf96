// Targets as they are in practice, for the simulation: what changes, and how fast.
import type { Conditions } from './simulation.ts'

export interface Scenario {
  readonly name: string
  readonly what: string
  readonly targets: readonly ((atMs: number) => Conditions)[]
}

const PLENTY = 100_000
const MINUTE_MS = 60_000
const good: Conditions = { firstTokenMs: 500, tokenMs: 10, failing: 0, capacity: PLENTY }
const fair: Conditions = { firstTokenMs: 800, tokenMs: 12, failing: 0, capacity: PLENTY }
const poor: Conditions = { firstTokenMs: 1500, tokenMs: 20, failing: 0, capacity: PLENTY }

const always = (conditions: Conditions) => () => conditions
const slower = (conditions: Conditions, times: number): Conditions => ({
  ...conditions,
  firstTokenMs: conditions.firstTokenMs * times,
  tokenMs: conditions.tokenMs * times,
})

/** Between half and twice as slow, over ten minutes. */
const drifting = (conditions: Conditions, phase: number) => (atMs: number) =>
  slower(conditions, 2 ** Math.sin((2 * Math.PI * atMs) / (10 * MINUTE_MS) + phase))

const within = (atMs: number, { from, to, every }: { from: number; to: number; every: number }) => {
  const minutes = (atMs / MINUTE_MS) % every
  return minutes >= from && minutes < to
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'steady',
    what: 'three targets: 2.5 s, 3.2 s and 5.5 s for a call',
    targets: [always(good), always(fair), always(poor)],
  },
  {
    name: 'drifting',
    what: 'each goes from half to twice its time and back in ten minutes, out of step',
    targets: [drifting(good, 0), drifting(good, (2 * Math.PI) / 3), drifting(good, (4 * Math.PI) / 3)],
  },
  {
    name: 'spiking',
    what: 'the best is eight times slower for 30 seconds of every three minutes',
    targets: [
      (atMs) => (within(atMs, { from: 1, to: 1.5, every: 3 }) ? slower(good, 8) : good),
      always(fair),
      always(poor),
    ],
  },
  {
    name: 'failing',
    what: 'the best fails 40 % of its calls for one minute of every three, at once',
    targets: [
      (atMs) => (within(atMs, { from: 1, to: 2, every: 3 }) ? { ...good, failing: 0.4 } : good),
      always(fair),
      always(poor),
    ],
  },
  {
    name: 'crowded',
    what: 'three servers that slow down beyond 8, 16 and 16 answers at once',
    targets: [
      always({ ...good, capacity: 8 }),
      always({ ...fair, capacity: 16 }),
      always({ ...fair, firstTokenMs: 900, capacity: 16 }),
    ],
  },
]
