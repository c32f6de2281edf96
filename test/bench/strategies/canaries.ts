// When a canary stops itself: calls drawn at random for it and for what it stands beside, judged after each one as a
// proxy does. Prints how many of the canaries were stopped, and after how many calls of theirs.
//
//   node test/bench/strategies/canaries.ts
import { NO_CALLS, reasonToStop, withCall, type Arm } from '../../../proxy/strategy/canary.ts'
import { logNormal, seeded, type Random } from './random.ts'

const LIMITS = { errors: 5, slower: 50, minCalls: 30 }
const RUNS = 200
const CALLS = 2000
/** Of the calls that are the canary's. */
const SHARE = 0.05
const SPREAD = 0.6

interface Kind {
  readonly name: string
  readonly failing: number
  /** As a multiple of what the others take. */
  readonly slower: number
}

const BASELINE = { failing: 0.02, slower: 1 }
const KINDS: readonly Kind[] = [
  { name: 'the same as the others', failing: 0.02, slower: 1 },
  { name: 'a quarter slower, which is allowed', failing: 0.02, slower: 1.25 },
  { name: 'fails 6 % (others 2 %), which is allowed', failing: 0.06, slower: 1 },
  { name: 'fails 15 %', failing: 0.15, slower: 1 },
  { name: 'fails 30 %', failing: 0.3, slower: 1 },
  { name: 'fails always', failing: 1, slower: 1 },
  { name: 'twice as slow', failing: 0.02, slower: 2 },
  { name: 'three times as slow', failing: 0.02, slower: 3 },
]

function called(arm: Arm, { failing, slower }: Omit<Kind, 'name'>, random: Random): Arm {
  const tookMs = logNormal(800 * slower, { spread: SPREAD, random })
  return withCall(arm, { hasFailed: random() < failing, isStreaming: true, tookMs })
}

/** Calls of the canary after which it was stopped; null: it was not. */
function callsUntilStop(kind: Kind, random: Random): number | null {
  let canary = NO_CALLS
  let baseline = NO_CALLS
  for (let calls = 0; calls < CALLS;) {
    const isCanary = random() < SHARE
    if (isCanary) {
      canary = called(canary, kind, random)
      calls += 1
    } else baseline = called(baseline, BASELINE, random)
    if (reasonToStop(canary, baseline, LIMITS) !== null) return calls
  }
  return null
}

function row(kind: Kind): string {
  const random = seeded(20_261_122)
  const stops = Array.from({ length: RUNS }, () => callsUntilStop(kind, random)).filter((calls) => calls !== null)
  const inOrder = stops.toSorted((one, other) => one - other)
  const median = inOrder.length === 0 ? '' : String(inOrder[Math.floor(inOrder.length / 2)])
  return `| ${kind.name} | ${((100 * stops.length) / RUNS).toFixed(1)} % | ${median} |`
}

const lines = [
  `| a canary that is | stopped within ${CALLS} calls of its own | after, in the middle case |`,
  '|---|---|---|',
  ...KINDS.map(row),
  '',
]
process.stdout.write(lines.join('\n'))
