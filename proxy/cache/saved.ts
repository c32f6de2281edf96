// What a call from the cache would have cost at the target that once answered it: tokens as the provider counted them,
// money by the price that the table has for that target now.
import type { SavedUsage } from '../exchange.ts'
import { costOf, formatCost } from '../strategy/cost.ts'
import type { Asking } from './asking.ts'
import type { EntryHead } from './entry.ts'

export function savedBy({ usage, targetId }: EntryHead, { table, masked }: Asking): SavedUsage | null {
  if (usage === null) return null
  const target = targetId === null ? undefined : table.targets[targetId]
  const price = target?.prices?.[target.model ?? masked.routed.call.model]
  const cost = price === undefined ? null : formatCost(costOf(usage, price))
  return { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, cost }
}
