// The command line of `npm run bench`, read once. Faults are sentences, not stack traces.
import { parseArgs } from 'node:util'

/** What can be measured: four ways to the same answer, ours, and four properties of ours alone. */
export const PARTS = [
  'direct',
  'nginx',
  'bare',
  'portkey',
  'modelroute',
  'conditions',
  'open-streams',
  'start',
  'swap',
] as const
export type Part = (typeof PARTS)[number]

export const MAX_ROUNDS = 50

export interface Options {
  readonly parts: readonly Part[]
  readonly rounds: number
  readonly isQuick: boolean
  readonly jsonFile: string
  /** Write a CPU profile of the proxy under this load instead of comparing. */
  readonly profile: 'plain' | 'stream' | null
  /** Other builds of the proxy to measure beside this one, for a change's before and after. */
  readonly otherProxies: readonly string[]
  /** Write the tables into docs/performance.md. */
  readonly isForDocs: boolean
  /** End with exit code 1 when a goal is missed, not only when a call failed. */
  readonly isStrict: boolean
}

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: Options }
  | { readonly kind: 'text'; readonly text: string; readonly exitCode: number }

export const USAGE = `npm run bench -- [options]
  --quick            two short rounds, under a minute; for ratios at a glance
  --rounds N         rounds of A B C, A B C, ... (default 4, quick 2, at most ${MAX_ROUNDS})
  --only A,B         some of: ${PARTS.join(', ')}
  --json FILE        where the figures go (default dist/bench.json)
  --proxy FILE       another build of the proxy (its main.ts or bundle) beside this one; may be repeated
  --profile          CPU profile of the proxy under plain load, top functions by self time
  --profile-stream   the same under streams
  --docs             put this run's tables into docs/performance.md
  --strict           exit 1 when a goal is missed`

export function parseOptions(argv: readonly string[]): ParsedOptions {
  const parsed = readArguments(argv)
  if (typeof parsed === 'string') return { kind: 'text', text: `${parsed}\n${USAGE}`, exitCode: 2 }
  if (parsed.help) return { kind: 'text', text: USAGE, exitCode: 0 }
  const wanted = parsed.only?.split(',') ?? PARTS
  const unknown = wanted.filter((part) => !isPart(part))
  const rounds = Number(parsed.rounds ?? (parsed.quick ? 2 : 4))
  const faults = [
    ...unknown.map((part) => `--only: "${part}" is not one of ${PARTS.join(', ')}`),
    ...(Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS ? [] : [`--rounds: 1 to ${MAX_ROUNDS}`]),
  ]
  if (faults.length > 0) return { kind: 'text', text: faults.join('\n'), exitCode: 2 }
  const profile = parsed.profile ? 'plain' : parsed['profile-stream'] ? 'stream' : null
  const options = {
    parts: wanted.filter(isPart),
    rounds,
    isQuick: parsed.quick === true,
    jsonFile: parsed.json ?? 'dist/bench.json',
    profile,
    otherProxies: parsed.proxy ?? [],
    isForDocs: parsed.docs === true,
    isStrict: parsed.strict === true,
  } as const
  return { kind: 'options', options }
}

function isPart(value: string): value is Part {
  return (PARTS as readonly string[]).includes(value)
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'string' },
        proxy: { type: 'string', multiple: true },
        profile: { type: 'boolean' },
        'profile-stream': { type: 'boolean' },
        docs: { type: 'boolean' },
        strict: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}
