// What both matrices share: where a provider of a dialect is, the variables that lead an SDK to the proxy, and an SDK's
// error in one shape.
import { vi } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import type { SdkError, SdkKind } from './client.ts'

export const BASE_PATHS: Readonly<Record<DialectName, string>> = {
  OpenAI: '/v1',
  Anthropic: '/v1',
  Gemini: '/v1beta',
  Ollama: '/api',
  Prompt: '/prompt',
}

/** As operator/inject gives them to containers. */
export function injectedVariables(port: number): Record<string, string> {
  const origin = `http://127.0.0.1:${port}`
  const variables = {
    OPENAI_BASE_URL: `${origin}/openai/v1`,
    OPENAI_API_BASE: `${origin}/openai/v1`,
    OPENAI_API_KEY: 'modelroute-placeholder',
    ANTHROPIC_BASE_URL: `${origin}/anthropic`,
    ANTHROPIC_API_KEY: 'modelroute-placeholder',
    GOOGLE_GEMINI_BASE_URL: `${origin}/gemini`,
    GEMINI_API_KEY: 'modelroute-placeholder',
    GOOGLE_API_KEY: 'modelroute-placeholder',
    OLLAMA_HOST: `${origin}/ollama`,
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  return variables
}

export async function failureOf(kind: SdkKind, call: () => Promise<unknown>): Promise<SdkError> {
  try {
    await call()
  } catch (cause) {
    return (kind.errorOf ?? defaultErrorOf)(cause)
  }
  throw new Error('The call was answered.')
}

function defaultErrorOf(cause: unknown): SdkError {
  const { constructor, status, message } = cause as Error & { status?: number }
  return { name: constructor.name, status, message }
}
