// The whole line of the matrices, once for each SDK: the SDK, the real proxy and all providers behind it. The table is
// swapped from one dialect to the next, which is quicker than new processes' worth of servers for each.
import { afterAll, beforeAll, vi } from 'vitest'
import type { DialectName } from '../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig, type RouteSpec } from '../support/proxy-rig.ts'
import { type Behaviour, Upstream } from '../support/upstream.ts'
import type { Sdk, SdkError, SdkKind } from './client.ts'
import { type MatrixUpstream, type SeenRequest, startPackagedUpstream, startPromptUpstream } from './upstreams.ts'

export const PROVIDER_KEY = 'sk-of-the-provider'
export const BASE_PATHS: Readonly<Record<DialectName, string>> = {
  OpenAI: '/v1',
  Anthropic: '/v1',
  Gemini: '/v1beta',
  Ollama: '/api',
  Prompt: '/prompt',
}

export interface Line {
  readonly sdk: Sdk
  /** From here on calls go to the packaged provider, in this dialect. */
  readonly aimAt: (dialect: DialectName, rule?: Partial<RouteSpec>) => void
  /** From here on calls go to a provider that does exactly this. */
  readonly answerAs: (dialect: DialectName, behaviour: Behaviour, rule?: Partial<RouteSpec>) => void
  /** What the provider that is aimed at was sent so far. */
  readonly seen: () => readonly SeenRequest[]
  readonly lastBody: () => string
}

/** Lives as long as the tests of the describe in which it is called. */
export function useLine(kind: SdkKind): Line {
  let packaged: MatrixUpstream
  let prompt: MatrixUpstream
  let scripted: Upstream
  let rig: ProxyRig
  let sdk: Sdk
  let aimed: MatrixUpstream

  beforeAll(async () => {
    packaged = await startPackagedUpstream()
    prompt = await startPromptUpstream()
    scripted = await Upstream.start()
    rig = await startProxy({ keys: { 'ns/key': PROVIDER_KEY } })
    sdk = kind.connect(injectedVariables(rig.port))
  })

  afterAll(async () => {
    vi.unstubAllEnvs()
    await rig.stop()
    for (const upstream of [packaged, prompt, scripted]) await upstream.stop()
  })

  function route(dialect: DialectName, origin: string, rule: Partial<RouteSpec> = {}): void {
    const target = { dialect, url: origin + BASE_PATHS[dialect], credential: 'ns/key', model: 'of-the-rule' }
    const routes = [{ backends: [dialect], failover: { attempts: 1 }, ...rule }]
    rig.tables.swap(makeTable({ targets: { [dialect]: target }, routes }))
  }

  return {
    get sdk() {
      return sdk
    },
    aimAt: (dialect, rule) => {
      aimed = dialect === 'Prompt' ? prompt : packaged
      route(dialect, aimed.url, rule)
    },
    answerAs: (dialect, behaviour, rule) => {
      scripted.usual = behaviour
      route(dialect, `http://127.0.0.1:${scripted.port}`, rule)
    },
    seen: () => aimed.seen,
    lastBody: () => aimed.seen.at(-1)?.body ?? '',
  }
}

/** As operator/inject gives them to containers. */
function injectedVariables(port: number): Record<string, string> {
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
