// Where each dialect says what the cache's policy asks about: state that the provider holds, what an answer is drawn
// with, tools that the provider runs by itself, and what tools have done. Data; policy.ts decides by it.
import type { CallOperation, DialectName } from '../table/schema.ts'
import type { MemberPath } from './envelope.ts'

/** Members that refer to what a provider keeps, or ask it to keep something. */
export interface StateMember {
  readonly path: MemberPath
  /** unlessFalse: the provider does so by default. */
  readonly when: 'present' | 'true' | 'unlessFalse'
}

export interface Lists {
  /** The list, and in each of its elements the list of its parts; null: the elements themselves are looked at. */
  readonly path: MemberPath
  readonly parts: string | null
  /** The member of an element or part that names its kind; null: the names of its members do. */
  readonly kind: string | null
  /** Whether something of this kind is what is looked for. */
  readonly holds: RegExp
  /** Kinds are looked at only when one of these stands in the body's bytes; null: always. */
  readonly marks: readonly string[] | null
}

export interface PolicyReading {
  readonly state: readonly StateMember[]
  /** Null: an answer of this operation is not drawn. */
  readonly temperature: MemberPath | null
  readonly tools: readonly Lists[]
  readonly toolResults: readonly Lists[]
}

const present = (...path: MemberPath): StateMember => ({ path, when: 'present' })
const whenTrue = (name: string): StateMember => ({ path: [[name]], when: 'true' })

const OPENAI_TOOLS: Lists = {
  path: [['tools']],
  parts: null,
  kind: 'type',
  // The others are run by the application; their results are looked for on their own.
  holds: /^(?!(?:function|custom|computer_use_preview|computer|local_shell|shell|apply_patch)$)/,
  marks: null,
}

const OPENAI_ROLES: Lists = {
  path: [['messages']],
  parts: null,
  kind: 'role',
  holds: /^(?:tool|function)$/,
  marks: ['"tool"', '"function"'],
}

const ANTHROPIC: PolicyReading = {
  state: [present(['container'])],
  temperature: [['temperature']],
  tools: [
    {
      path: [['tools']],
      parts: null,
      kind: 'type',
      holds: /^(?:web_search|web_fetch|code_execution|tool_search|mcp)/,
      marks: null,
    },
    { path: [['mcp_servers']], parts: null, kind: null, holds: /^/, marks: null },
  ],
  toolResults: [
    { path: [['messages']], parts: 'content', kind: 'type', holds: /tool_result$/, marks: ['tool_result"'] },
  ],
}

const GEMINI: PolicyReading = {
  state: [present(['cachedContent', 'cached_content'])],
  temperature: [['generationConfig', 'generation_config'], ['temperature']],
  tools: [
    {
      path: [['tools']],
      parts: null,
      kind: null,
      holds: /^(?!function_?declarations$)/i,
      marks: null,
    },
  ],
  toolResults: [
    {
      path: [['contents']],
      parts: 'parts',
      kind: null,
      holds: /^(?:function_?response|code_?execution_?result)$/i,
      marks: ['unctionResponse', 'unction_response', 'ecutionResult', 'ecution_result'],
    },
  ],
}

const OLLAMA: PolicyReading = {
  state: [],
  temperature: [['options'], ['temperature']],
  tools: [],
  toolResults: [OPENAI_ROLES],
}

const CHAT: PolicyReading = {
  // A spoken answer is referred to by an id that the provider forgets within the hour.
  state: [whenTrue('store'), present(['audio']), present(['web_search_options'])],
  temperature: [['temperature']],
  tools: [OPENAI_TOOLS],
  toolResults: [OPENAI_ROLES],
}

const RESPONSE: PolicyReading = {
  state: [
    present(['previous_response_id']),
    present(['conversation']),
    // A prompt that lies with the provider may be another one tomorrow.
    present(['prompt']),
    whenTrue('background'),
    { path: [['store']], when: 'unlessFalse' },
  ],
  temperature: [['temperature']],
  tools: [OPENAI_TOOLS],
  toolResults: [
    {
      path: [['input']],
      parts: null,
      kind: 'type',
      holds: /_output$|^mcp_/,
      marks: ['_output"', 'mcp_'],
    },
  ],
}

const PROMPT: PolicyReading = { state: [], temperature: [['temperature']], tools: [], toolResults: [] }

const CHATS: Readonly<Record<DialectName, PolicyReading>> = {
  OpenAI: CHAT,
  Anthropic: ANTHROPIC,
  Gemini: GEMINI,
  Ollama: OLLAMA,
  Prompt: PROMPT,
}

const NOT_DRAWN: PolicyReading = { state: [], temperature: null, tools: [], toolResults: [] }

export function policyReadingOf(operation: CallOperation, dialect: DialectName): PolicyReading {
  switch (operation) {
    case 'Embedding':
    case 'CountTokens':
      return NOT_DRAWN
    case 'Response':
      return RESPONSE
    case 'Chat':
    case 'Completion':
      return CHATS[dialect]
  }
}
