// Levels of reasoning effort and numbers of reasoning tokens, where dialects ask for reasoning in different ways. The
// numbers are ours: no provider publishes an exact equivalence.
import type { Effort, ReasoningRequest } from './chat.ts'

const BUDGETS: readonly (readonly [Effort, number])[] = [
  ['none', 0],
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 8192],
  ['high', 16_384],
  ['xhigh', 32_768],
  ['max', 65_536],
]

export function budgetOf({ effort, budgetTokens }: ReasoningRequest): number | undefined {
  return budgetTokens ?? BUDGETS.find(([level]) => level === effort)?.[1]
}

export function effortOf({ effort, budgetTokens }: ReasoningRequest): Effort | undefined {
  if (effort !== undefined || budgetTokens === undefined) return effort
  return BUDGETS.findLast(([, tokens]) => tokens <= budgetTokens)?.[0]
}

/** The nearest of the levels that a target knows; these are given from low to high. */
export function nearestEffort<Level extends Effort>(effort: Effort, levels: readonly [Level, ...Level[]]): Level {
  const rank = (level: Effort) => BUDGETS.findIndex(([name]) => name === level)
  return levels.reduce((best, level) =>
    Math.abs(rank(level) - rank(effort)) < Math.abs(rank(best) - rank(effort)) ? level : best,
  )
}

/** All levels, from low to high. */
export const effortLevels: readonly Effort[] = BUDGETS.map(([level]) => level)
