// What is worked out once per table and not once per call: the matcher, where each target is reached, the model list.
// Kept for the newest table only; a call that began with an older one may compile it again, which costs it a little
// time and no one else anything.
import { compileMatcher, type RouteMatcher } from './match.ts'
import type { RoutingTable } from './schema.ts'

export interface Endpoint {
  /** `https://api.openai.com`, as a connection is named. */
  readonly origin: string
  /** Path of the target's URL without a trailing slash: `/v1`, or an empty string. */
  readonly basePath: string
}

export interface CompiledTable {
  readonly table: RoutingTable
  readonly matcher: RouteMatcher
  readonly endpoints: ReadonlyMap<string, Endpoint>
}

export function compileTable(table: RoutingTable): CompiledTable {
  const endpoints = Object.entries(table.targets).map(([id, target]) => [id, endpointOf(target.url)] as const)
  return { table, matcher: compileMatcher(table), endpoints: new Map(endpoints) }
}

function endpointOf(text: string): Endpoint {
  const url = new URL(text)
  return { origin: url.origin, basePath: url.pathname.replace(/\/+$/, '') }
}

export class CompiledTables {
  #newest: CompiledTable | null = null

  of(table: RoutingTable): CompiledTable {
    if (this.#newest?.table !== table) this.#newest = compileTable(table)
    return this.#newest
  }
}
