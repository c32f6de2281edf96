// What is known of models by their names, where models of one provider take different parameters. A name that no row
// knows takes everything: servers of the same dialect with other models are many. Data and its look-up only.
//
// Sources: OpenAI's reasoning guide (max_completion_tokens, no sampling parameters, effort levels), Anthropic's
// extended thinking guide and model pages (manual budgets up to Opus 4.5, sampling parameters up to 4.6, output
// limits), Gemini's thinking guide (budgets in 2.5, levels from 3).

export interface OpenAiFacts {
  readonly isReasoning: boolean
  /** Whether it takes temperature and the like: never, always, or only while it does not reason. */
  readonly randomness: 'never' | 'always' | 'without reasoning'
  readonly lowestEffort: 'none' | 'minimal' | 'low'
  readonly takesEffort: boolean
}

const OPENAI: readonly (readonly [RegExp, OpenAiFacts])[] = [
  [/^o\d/, { isReasoning: true, randomness: 'never', lowestEffort: 'low', takesEffort: true }],
  [/^gpt-5(?!\.)/, { isReasoning: true, randomness: 'never', lowestEffort: 'minimal', takesEffort: true }],
  [
    /^gpt-(?:5\.|[6-9]|\d\d)/,
    { isReasoning: true, randomness: 'without reasoning', lowestEffort: 'none', takesEffort: true },
  ],
  [/^(?:gpt-[34]|chatgpt-)/, { isReasoning: false, randomness: 'always', lowestEffort: 'none', takesEffort: false }],
]
const OTHER_OPENAI: OpenAiFacts = { isReasoning: false, randomness: 'always', lowestEffort: 'none', takesEffort: true }

export function openAiFacts(model: string): OpenAiFacts {
  const name = model.slice(model.lastIndexOf('/') + 1)
  return OPENAI.find(([pattern]) => pattern.test(name))?.[1] ?? OTHER_OPENAI
}

export interface AnthropicFacts {
  /** Reasoning is asked for by a number of tokens, not by a level of effort. */
  readonly thinksByBudget: boolean
  readonly canThink: boolean
  readonly takesRandomness: boolean
  /** Written when the caller sets no limit, since the field is required. */
  readonly maxTokens: number
}

const CLAUDE = /claude-(?:(?:opus|sonnet|haiku|instant)-)?(\d+)(?:[-.](\d)(?!\d))?/

export function anthropicFacts(model: string): AnthropicFacts {
  const match = CLAUDE.exec(model)
  const version = match === null ? null : Number(match[1]) + Number(match[2] ?? 0) / 10
  if (version === null) {
    // A Claude with a name of a new kind is a new one; any other name is somebody else's model.
    const isClaude = model.includes('claude')
    return { thinksByBudget: !isClaude, canThink: true, takesRandomness: !isClaude, maxTokens: 8192 }
  }
  return {
    thinksByBudget: version < 4.6,
    canThink: version >= 3.7,
    takesRandomness: version <= 4.6,
    maxTokens: version < 3.5 ? 4096 : version < 3.7 ? 8192 : 32_000,
  }
}

export function geminiThinksByBudget(model: string): boolean {
  return /gemini-(?:[12]|flash-lite-latest)/.test(model)
}
