// Settings of `npm start`: MODELROUTE_* variables and `--resources DIR`, read once, all faults reported together.
//
//   process.argv + process.env (local.ts) -> parseLocalSettings -> LocalSettings | sentences
import { resolve } from 'node:path'
import { LOG_LEVELS, type LogLevel } from '../../proxy/telemetry/log.ts'

export interface LocalSettings {
  /** Absolute path of the folder with the yaml files. */
  readonly resources: string
  readonly proxyPort: number
  readonly adminPort: number
  readonly dashboardPort: number
  readonly alphaPort: number
  readonly betaPort: number
  /** Pause of the built-in model servers before the first word, and between words. */
  readonly firstTokenMs: number
  readonly tokenIntervalMs: number
  readonly logLevel: LogLevel
}

export type ParsedSettings =
  | { readonly kind: 'settings'; readonly settings: LocalSettings }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

export interface Surroundings {
  /** What follows the script's own name. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative folders are below this one. */
  readonly workingFolder: string
  readonly defaultResources: string
}

export const USAGE = 'usage: npm start [-- --resources DIR]'

export function parseLocalSettings(surroundings: Surroundings): ParsedSettings {
  const faults: string[] = []
  const { env } = surroundings
  const whole = (name: string, { fallback, max }: { readonly fallback: number; readonly max: number }): number => {
    const text = env[name]
    if (text === undefined || text === '') return fallback
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
    if (value <= max) return value
    faults.push(`${name} is "${text}": give a whole number from 0 to ${max}`)
    return fallback
  }
  const port = (name: string, fallback: number) => whole(name, { fallback, max: 65_535 })
  const settings: LocalSettings = {
    resources: parseFolder(surroundings, faults),
    proxyPort: port('MODELROUTE_PROXY_PORT', 4141),
    adminPort: port('MODELROUTE_PROXY_ADMIN_PORT', 4142),
    dashboardPort: port('MODELROUTE_DASHBOARD_PORT', 4180),
    alphaPort: port('MODELROUTE_ALPHA_PORT', 4191),
    betaPort: port('MODELROUTE_BETA_PORT', 4192),
    firstTokenMs: whole('MODELROUTE_FIRST_TOKEN_MS', { fallback: 250, max: 60_000 }),
    tokenIntervalMs: whole('MODELROUTE_TOKEN_INTERVAL_MS', { fallback: 40, max: 10_000 }),
    logLevel: parseLogLevel(env['MODELROUTE_LOG_LEVEL'], faults),
  }
  return faults.length === 0 ? { kind: 'settings', settings } : { kind: 'faults', faults }
}

function parseLogLevel(text: string | undefined, faults: string[]): LogLevel {
  if (text === undefined || text === '') return 'info'
  const level = LOG_LEVELS.find((known) => known === text)
  if (level === undefined) faults.push(`MODELROUTE_LOG_LEVEL is "${text}": give one of ${LOG_LEVELS.join(', ')}`)
  return level ?? 'info'
}

function parseFolder({ argv, env, workingFolder, defaultResources }: Surroundings, faults: string[]): string {
  const [flag, value, ...rest] = argv[0]?.startsWith('--resources=')
    ? ['--resources', argv[0].slice('--resources='.length), ...argv.slice(1)]
    : argv
  const isRight = flag === undefined || (flag === '--resources' && value !== undefined && value !== '')
  if (!isRight || rest.length > 0) {
    faults.push(`"${argv.join(' ')}" is not understood; ${USAGE}`)
    return defaultResources
  }
  const folder = value ?? env['MODELROUTE_RESOURCES']
  return folder === undefined || folder === '' ? defaultResources : resolve(workingFolder, folder)
}
