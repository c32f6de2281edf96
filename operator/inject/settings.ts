// What a pod's author can say about the sidecar: a table of annotation -> parser -> setting, with each bound beside its
// sentence. Pure. A value that cannot be understood is an error, because whoever wrote it asked for something; a key
// that is not known is a warning with the nearest one that is. Defaults are the operator's and live in sidecar.ts.
import { LOG_LEVELS, type LogLevel } from '../../proxy/telemetry/log.ts'
import type { Finding, Subject } from '../finding.ts'
import { parseDialects, SDK_DIALECTS } from './dialect-variables.ts'
import { ANNOTATION_PREFIX, OWN_ANNOTATIONS } from './names.ts'
import { nearestWord } from './nearest.ts'
import { parseQuantity } from './quantity.ts'

type Parse<Value> = (text: string) => Value | undefined

interface Row<Value> {
  readonly parse: Parse<Value>
  /** Ends the sentence "Annotation KEY has the value VALUE; it must be ...". */
  readonly expected: string
}

const TABLE = {
  inject: row('"true" or "false"', parseFlag),
  containers: row('names of containers, separated by commas', parseNames),
  dialects: row(`out of ${SDK_DIALECTS.join(', ')}, separated by commas`, parseDialects),
  port: row('a whole number from 1024 to 65535', wholeNumber(1024, 65_535)),
  'admin-port': row('a whole number from 1024 to 65535', wholeNumber(1024, 65_535)),
  'proxy-cpu': row('CPU from 10m to 64, for example 100m', quantity({ lowest: '10m', highest: '64' })),
  'proxy-cpu-limit': row('CPU from 10m to 64, for example 500m', quantity({ lowest: '10m', highest: '64' })),
  'proxy-memory': row('memory from 64Mi to 64Gi, for example 128Mi', quantity({ lowest: '64Mi', highest: '64Gi' })),
  'proxy-memory-limit': row(
    'memory from 96Mi to 64Gi, for example 512Mi',
    quantity({ lowest: '96Mi', highest: '64Gi' }),
  ),
  'cache-memory': row('memory from 1Mi to 64Gi, for example 64Mi', quantity({ lowest: '1Mi', highest: '64Gi' })),
  'cache-disk': row('0, or a size from 16Mi to 1Ti, for example 1Gi', parseDisk),
  'proxy-image': row('an image reference of at most 512 characters', parseImage),
  'log-level': row(`one of ${LOG_LEVELS.join(', ')}`, parseLogLevel),
  'drain-seconds': row('a whole number from 0 to 3600', wholeNumber(0, 3600)),
} satisfies Readonly<Record<string, Row<unknown>>>

type Table = typeof TABLE
export type SettingName = keyof Table
/** Only what was said; texts of quantities stay as they were written. */
export type Settings = {
  readonly [Name in SettingName]?: Exclude<ReturnType<Table[Name]['parse']>, undefined>
}

export interface ReadSettings {
  readonly settings: Settings
  readonly findings: readonly Finding[]
}

export function readSettings(annotations: Readonly<Record<string, string>>, subject: Subject): ReadSettings {
  const settings: Record<string, unknown> = {}
  const findings: Finding[] = []
  for (const [key, text] of Object.entries(annotations)) {
    if (!key.startsWith(ANNOTATION_PREFIX) || OWN_ANNOTATIONS.includes(key)) continue
    const name = key.slice(ANNOTATION_PREFIX.length)
    const known = isSettingName(name) ? TABLE[name] : null
    const value = known?.parse(text.trim())
    if (known === null) findings.push(unknownKey(key, subject))
    else if (value === undefined) findings.push(invalidValue({ key, text, expected: known.expected, subject }))
    else settings[name] = value
  }
  return { settings, findings }
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(TABLE, name)
}

function unknownKey(key: string, subject: Subject): Finding {
  const nearest = nearestWord(key.slice(ANNOTATION_PREFIX.length), Object.keys(TABLE))
  const hint = nearest === null ? '.' : `; did you mean ${ANNOTATION_PREFIX}${nearest}?`
  const message = `Annotation ${key} is not known and has no effect${hint}`
  return { subject, path: key, reason: 'UnknownAnnotation', message, severity: 'warning' }
}

interface Invalid {
  readonly key: string
  readonly text: string
  readonly expected: string
  readonly subject: Subject
}

function invalidValue({ key, text, expected, subject }: Invalid): Finding {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text)
  const message = `Annotation ${key} has the value ${shown}; it must be ${expected}.`
  return { subject, path: key, reason: 'InvalidAnnotation', message, severity: 'error' }
}

function row<Value>(expected: string, parse: Parse<Value>): Row<Value> {
  return { expected, parse }
}

function parseFlag(text: string): boolean | undefined {
  if (text === 'true') return true
  return text === 'false' ? false : undefined
}

function parseNames(text: string): readonly string[] | undefined {
  const names = text.split(',').map((name) => name.trim())
  const areNames = names.every((name) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
  return areNames ? [...new Set(names)] : undefined
}

function wholeNumber(lowest: number, highest: number): Parse<number> {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= lowest && value <= highest ? value : undefined
  }
}

function quantity(bounds: { readonly lowest: string; readonly highest: string }): Parse<string> {
  const lowest = parseQuantity(bounds.lowest) ?? 0
  const highest = parseQuantity(bounds.highest) ?? 0
  return (text) => {
    const value = parseQuantity(text)
    return value !== null && value >= lowest && value <= highest ? text : undefined
  }
}

/** `0`: no level on disk. */
function parseDisk(text: string): string | undefined {
  return text === '0' ? text : quantity({ lowest: '16Mi', highest: '1Ti' })(text)
}

function parseImage(text: string): string | undefined {
  return /^[\w][\w.\-/:@+]{0,511}$/.test(text) ? text : undefined
}

function parseLogLevel(text: string): LogLevel | undefined {
  return LOG_LEVELS.find((level) => level === text)
}
