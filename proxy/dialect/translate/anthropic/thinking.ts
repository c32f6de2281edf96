// Whether and how a request to Anthropic asks for thinking. Models up to 4.5 take a number of tokens (at least 1,024,
// below `max_tokens`), later ones adapt to a level of effort. Thinking excludes a forced choice of tools; with a manual
// budget, a turn that goes on after tool calls must begin with the signed thinking that led to them.
import { budgetOf, effortOf, nearestEffort } from '../../neutral/effort.ts'
import type { Feature } from '../../neutral/features.ts'
import type { AnthropicFacts } from '../../neutral/model-facts.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { ChatRequest } from '../../neutral/chat.ts'

const SMALLEST_BUDGET = 1024

export interface Thinking {
  readonly isThinking: boolean
  readonly thinking?: JsonObject
  /** Members of `output_config`. */
  readonly config: JsonObject
  readonly dropped: readonly Feature[]
}

interface Limits {
  readonly facts: AnthropicFacts
  readonly maxTokens: number
}

export function thinkingFor(request: ChatRequest, limits: Limits): Thinking {
  const { reasoning, toolChoice } = request
  if (reasoning === undefined) return { isThinking: false, config: {}, dropped: [] }
  if (reasoning.effort === 'none' || reasoning.budgetTokens === 0) return unthinking(limits.facts)
  const isForced = toolChoice?.kind === 'required' || toolChoice?.kind === 'named'
  if (isForced || !limits.facts.canThink) return { isThinking: false, config: {}, dropped: ['reasoningEffort'] }
  return limits.facts.thinksByBudget ? byBudget(request, limits) : byEffort(request, limits.facts)
}

/** The least that the model can do. */
function unthinking({ canThink, withoutThinking }: AnthropicFacts): Thinking {
  const quiet = { isThinking: false, config: {}, dropped: [] }
  if (!canThink || withoutThinking === 'silence') return quiet
  if (withoutThinking === 'impossible') return { ...quiet, config: { effort: 'low' }, dropped: ['reasoningEffort'] }
  return { ...quiet, thinking: { type: withoutThinking } }
}

function byEffort({ reasoning = {} }: ChatRequest, { efforts }: AnthropicFacts): Thinking {
  const effort = effortOf(reasoning)
  const display = reasoning.isShown === undefined ? {} : { display: reasoning.isShown ? 'summarized' : 'omitted' }
  return {
    isThinking: true,
    thinking: { type: 'adaptive', ...display },
    config: effort === undefined ? {} : { effort: nearestEffort(effort, efforts) },
    dropped: [],
  }
}

function byBudget(request: ChatRequest, { maxTokens }: Limits): Thinking {
  const wanted = Math.max(SMALLEST_BUDGET, budgetOf(request.reasoning ?? {}) ?? SMALLEST_BUDGET * 8)
  const budget = Math.min(wanted, maxTokens - 1)
  if (budget < SMALLEST_BUDGET || goesOnWithoutThinking(request)) {
    return { isThinking: false, config: {}, dropped: ['reasoningEffort'] }
  }
  return { isThinking: true, thinking: { type: 'enabled', budget_tokens: budget }, config: {}, dropped: [] }
}

function goesOnWithoutThinking({ turns }: ChatRequest): boolean {
  const isGoingOn = turns.at(-1)?.parts.some(({ kind }) => kind === 'toolResult') ?? false
  const calling = turns.findLast(({ role }) => role === 'assistant')
  return isGoingOn && !(calling?.parts.some(({ kind }) => kind === 'reasoning') ?? false)
}
