// The log: one JSON object a line on standard output, written synchronously, so that the last line before a crash is
// there (pino's transports are worker threads and lose it). Never bodies, query strings or keys: callers hand over
// names, numbers and times.
import pino from 'pino'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface LogSettings {
  readonly level: LogLevel
  /** The program: `modelroute-proxy` or `modelroute-operator`. */
  readonly name: string
  /** Fields that every line carries: the pod's name and namespace. */
  readonly fields: Readonly<Record<string, string>>
}

const STANDARD_OUTPUT = 1

/** Where lines go: `write` takes whole lines and returns when the system has them. */
export interface LogOutput {
  write(lines: string): unknown
}

export function openStandardOutput(): LogOutput {
  return pino.destination({ dest: STANDARD_OUTPUT, sync: true })
}

export function createLogger(settings: LogSettings, output: LogOutput = openStandardOutput()): Logger {
  return pino(
    {
      level: settings.level,
      base: baseFields(settings),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  )
}

/** What every line says after its level and time. */
export function baseFields({ name, fields }: LogSettings): Readonly<Record<string, string>> {
  return { name, ...fields }
}
