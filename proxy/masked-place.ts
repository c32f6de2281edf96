// Operations that pass through unread are read on pods where a rule masks: a form with a prompt goes by the rules then,
// and leaves masked. On every other pod they stay what they are, streamed through as bytes (passthrough.ts).
import { otherEndpoint } from './dialect/openai-other.ts'
import type { Place } from './exchange.ts'
import type { TableHolder } from './table/holder.ts'
import type { RoutingTable } from './table/schema.ts'
import { maskingRuleOf } from './upstream/destination.ts'

export function placeWhereMasked(
  place: Place,
  method: string,
  { tables }: { readonly tables: Pick<TableHolder, 'current'> },
): Place {
  const { dialect, path, endpoint: known } = place
  if (known !== null || method !== 'POST' || path === null || dialect.name !== 'OpenAI') return place
  const endpoint = otherEndpoint(path)
  const table = tables.current()
  if (endpoint === null || table === null || !isRead(table)) return place
  return { ...place, endpoint, operation: endpoint.operation }
}

/** What passes by would go to a provider for which a rule masks, or nowhere although a rule masks. */
function isRead(table: RoutingTable): boolean {
  const target = table.passthrough === undefined ? undefined : table.targets[table.passthrough]
  if (target !== undefined) return maskingRuleOf(table, target) !== null
  return table.routes.some(({ redact }) => redact?.mode === 'Enforce')
}
