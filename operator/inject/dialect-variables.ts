// Which variables the SDKs of each dialect read: where they send their calls, and where they find a key. Data, read by
// environment.ts. Only what the vendors' own SDKs honour is set; what other tools read counts as the user's own word.
//
// Base URLs cost an application that does not speak the dialect nothing. Keys do: many applications choose a vendor by
// the keys they find, so a placeholder is given where a dialect was named, and OpenAI's always.
// Ollama is only for those who name it: a model server in the pod would take OLLAMA_HOST for its own address.
import type { DialectName } from '../../proxy/table/schema.ts'

/** Plain prompts have no SDK. */
export type SdkDialect = Exclude<DialectName, 'Prompt'>

export interface DialectVariables {
  readonly dialect: SdkDialect
  /** Below the sidecar's address. */
  readonly path: string
  readonly urls: readonly string[]
  /** Each of them says where calls go; the user's own keeps ours away. */
  readonly ownUrls: readonly string[]
  readonly key: string | null
  /** With one of them the SDK has what it signs in with. */
  readonly ownKeys: readonly string[]
  readonly byDefault: 'urls and key' | 'urls' | 'nothing'
  readonly other: OtherUse | null
}

/** A container that the dialect's variables are not for, although it may know them. */
export interface OtherUse {
  /** Follows the container's name in a sentence. */
  readonly what: string
  /** Variables that say so, with the values that do; one that comes from elsewhere is an empty text here. */
  readonly isSaidBy: Readonly<Record<string, RegExp>>
  /** A port that says so. */
  readonly port?: number
}

const ANY = /^/
const YES = /^(true|1)?$/i

/** In the order in which they are set. */
export const DIALECT_VARIABLES: readonly DialectVariables[] = [
  {
    dialect: 'OpenAI',
    path: '/openai/v1',
    urls: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
    ownUrls: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
    key: 'OPENAI_API_KEY',
    ownKeys: ['OPENAI_API_KEY'],
    byDefault: 'urls and key',
    other: {
      what: 'uses Azure OpenAI',
      isSaidBy: {
        AZURE_OPENAI_ENDPOINT: ANY,
        AZURE_OPENAI_API_KEY: ANY,
        AZURE_OPENAI_AD_TOKEN: ANY,
        OPENAI_API_TYPE: /^azure/,
      },
    },
  },
  {
    dialect: 'Anthropic',
    // The SDK adds /v1 itself; Vercel's does not, so the proxy knows both.
    path: '/anthropic',
    urls: ['ANTHROPIC_BASE_URL'],
    ownUrls: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_URL'],
    key: 'ANTHROPIC_API_KEY',
    ownKeys: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
    byDefault: 'urls',
    other: null,
  },
  {
    dialect: 'Gemini',
    path: '/gemini',
    urls: ['GOOGLE_GEMINI_BASE_URL'],
    ownUrls: ['GOOGLE_GEMINI_BASE_URL'],
    // Not GOOGLE_API_KEY too: the SDKs warn of both, and other Google libraries read that one.
    key: 'GEMINI_API_KEY',
    ownKeys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
    byDefault: 'urls',
    other: { what: 'uses Vertex AI', isSaidBy: { GOOGLE_GENAI_USE_VERTEXAI: YES, GOOGLE_GENAI_USE_ENTERPRISE: YES } },
  },
  {
    dialect: 'Ollama',
    path: '/ollama',
    urls: ['OLLAMA_HOST', 'OLLAMA_BASE_URL'],
    ownUrls: ['OLLAMA_HOST', 'OLLAMA_BASE_URL'],
    key: null,
    ownKeys: [],
    byDefault: 'nothing',
    other: { what: 'is an Ollama server', isSaidBy: { OLLAMA_MODELS: ANY, OLLAMA_ORIGINS: ANY }, port: 11_434 },
  },
]

export const SDK_DIALECTS: readonly SdkDialect[] = DIALECT_VARIABLES.map(({ dialect }) => dialect)

/** Names out of SDK_DIALECTS in any case, separated by commas; undefined when one is none of them. */
export function parseDialects(text: string): readonly SdkDialect[] | undefined {
  const names = text.split(',').map((name) => name.trim().toLowerCase())
  const known = SDK_DIALECTS.filter((dialect) => names.includes(dialect.toLowerCase()))
  return known.length === new Set(names).size ? known : undefined
}
