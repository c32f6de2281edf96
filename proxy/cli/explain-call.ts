// `modelroute explain-call --table`: what a routing table does with a call, without a cluster. A whole proxy is put
// together as for real calls, but for its front door, and its admin port is asked.
//
//   table + described call -> proxy without a front door -> POST /explain -> text | JSON
//
// Nothing was called before, so every target is well and none is faster; keys of placeholders are made up here.
import { randomBytes } from 'node:crypto'
import { Registry } from 'prom-client'
import { NAMESPACE_KEY_IDS } from '../table/messages.ts'
import { TableHolder } from '../table/holder.ts'
import { KeyRing } from '../table/key-ring.ts'
import { parseTable, type RoutingTable } from '../table/schema.ts'
import { systemClock } from '../telemetry/clock.ts'
import type { Logger } from '../telemetry/log.ts'
import { systemTimers } from '../upstream/timers.ts'
import { wireProxy } from '../wiring.ts'
import type { Said } from './said.ts'

export const EXPLAIN_USAGE = `usage: modelroute explain-call -f call.json --table table.json [--json]
  call.json   {"path": "/v1/chat/completions", "headers": {...}, "body": {...}, "at": "2026-11-22T20:00:00+08:00"}
  table.json  as "modelroute table" prints it; - is standard input`

export const EXPLAIN_OPTIONS = {
  file: { type: 'string', short: 'f' },
  table: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

const LOOPBACK = '127.0.0.1'
const MAX_BODY_BYTES = 32 * 1024 * 1024
const NOBODY: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

export interface ExplainWish {
  readonly tableText: string
  readonly callText: string
  readonly isJson: boolean
}

export async function explainCallCommand({ tableText, callText, isJson }: ExplainWish): Promise<Said> {
  const parsed = parseTable(parseJson(tableText))
  if (parsed.kind === 'faults') {
    const [first] = parsed.faults
    return { kind: 'fault', message: `the table cannot be used: ${first?.path}: ${first?.message}` }
  }
  const proxy = wireWithoutDoor(parsed.table)
  try {
    const { port } = await proxy.admin.listen({ host: LOOPBACK, port: 0 })
    const accept = isJson ? 'application/json' : 'text/plain'
    const asked = { method: 'POST', headers: { accept }, body: callText }
    const answer = await fetch(`http://${LOOPBACK}:${port}/explain`, asked)
    const text = await answer.text()
    return answer.ok ? { kind: 'text', text } : { kind: 'fault', message: text.trim() }
  } finally {
    proxy.admin.close()
    await proxy.close()
  }
}

function wireWithoutDoor(table: RoutingTable) {
  const tables = new TableHolder(() => {})
  const keys = new KeyRing()
  tables.swap(table)
  keys.replaceAll([
    { id: NAMESPACE_KEY_IDS.current, value: randomBytes(32).toString('base64') },
    ...Object.values(table.targets).flatMap(({ credential: id }) => (id === undefined ? [] : [{ id, value: 'none' }])),
  ])
  const bounds = {
    maxBodyBytes: MAX_BODY_BYTES,
    maxBodiesInFlightBytes: MAX_BODY_BYTES,
    refusesForeignPages: false,
  }
  return wireProxy(bounds, {
    tables,
    keys,
    logger: NOBODY,
    callLines: { write: ignore },
    registry: new Registry(),
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    residentBytes: () => 0,
  })
}

function ignore(): void {}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
