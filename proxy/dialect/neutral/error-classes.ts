// What kind of failure a provider's error is: one table per vendor, from its own codes first, its wording where it has
// no code for the case, and its status last. Pure; upstream/classify.ts adds headers and whole bodies to this.
//
// Sources: OpenAI error-codes guide (insufficient_quota, billing_hard_limit_reached, slow_down,
// context_length_exceeded, content_filter of Azure); Anthropic errors page (types, 529) and the wording of its credit
// and context errors; Google API error model (canonical codes; RESOURCE_EXHAUSTED is both rate and quota); Ollama's
// api/errors.
import type { ErrorClass } from './chat.ts'

export interface ErrorSigns {
  readonly status: number | null
  readonly code: string
  readonly type: string
  readonly message: string
}

type Codes = Readonly<Record<string, ErrorClass>>

const OPENAI_CODES: Codes = {
  insufficient_quota: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  credit_balance_too_low: 'quota',
  rate_limit_exceeded: 'rateLimited',
  rate_limit_error: 'rateLimited',
  slow_down: 'rateLimited',
  tokens: 'rateLimited',
  requests: 'rateLimited',
  server_overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  context_length_exceeded: 'contextLength',
  string_above_max_length: 'contextLength',
  content_filter: 'contentFilter',
  content_policy_violation: 'contentFilter',
  invalid_prompt: 'contentFilter',
  bio_policy: 'contentFilter',
  invalid_api_key: 'auth',
  invalid_authentication: 'auth',
  authentication_error: 'auth',
  permission_error: 'permission',
  insufficient_permissions: 'permission',
  unsupported_country_region_territory: 'permission',
  model_not_found: 'notFound',
  not_found_error: 'notFound',
  request_too_large: 'tooLarge',
  timeout: 'timeout',
  server_error: 'server',
  internal_error: 'server',
  invalid_request_error: 'badRequest',
}

const ANTHROPIC_CODES: Codes = {
  authentication_error: 'auth',
  billing_error: 'quota',
  permission_error: 'permission',
  not_found_error: 'notFound',
  request_too_large: 'tooLarge',
  rate_limit_error: 'rateLimited',
  overloaded_error: 'overloaded',
  timeout_error: 'timeout',
  api_error: 'server',
  invalid_request_error: 'badRequest',
  conflict_error: 'badRequest',
}

const GOOGLE_CODES: Codes = {
  RESOURCE_EXHAUSTED: 'rateLimited',
  UNAVAILABLE: 'overloaded',
  UNAUTHENTICATED: 'auth',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'notFound',
  DEADLINE_EXCEEDED: 'timeout',
  CANCELLED: 'timeout',
  INTERNAL: 'server',
  UNKNOWN: 'server',
  INVALID_ARGUMENT: 'badRequest',
  FAILED_PRECONDITION: 'badRequest',
  OUT_OF_RANGE: 'badRequest',
  UNIMPLEMENTED: 'badRequest',
}

/** Wordings for cases that have no code of their own. Tried in order, and only on the vague classes beside them. */
const WORDINGS: readonly {
  readonly pattern: RegExp
  readonly among: readonly ErrorClass[]
  readonly is: ErrorClass
}[] = [
  {
    pattern:
      /credit balance|exceeded your current quota, please check your plan|billing|insufficient (?:funds|balance)/i,
    among: ['badRequest', 'rateLimited', 'permission', 'auth'],
    is: 'quota',
  },
  {
    pattern: /prompt is too long|context (?:length|window|size)|input token count.{0,80}exceed|too many tokens/i,
    among: ['badRequest', 'server', 'tooLarge'],
    is: 'contextLength',
  },
  {
    pattern: /content (?:filter|policy|management policy)|blocked by .{0,40}(?:policy|safety)|output blocked/i,
    among: ['badRequest'],
    is: 'contentFilter',
  },
  { pattern: /api key (?:not valid|expired)|invalid api key|api_key_invalid/i, among: ['badRequest'], is: 'auth' },
  { pattern: /overloaded|over capacity|server busy/i, among: ['server', 'rateLimited'], is: 'overloaded' },
]

/** The longest piece of a message that is looked at. */
const MAX_WORDING = 2000

export function openAiClass(signs: ErrorSigns): ErrorClass {
  return refined(vendorClass(OPENAI_CODES, signs), signs)
}

export function anthropicClass(signs: ErrorSigns): ErrorClass {
  return refined(vendorClass(ANTHROPIC_CODES, signs), signs)
}

/** Google words a passing rate limit like a used-up quota: which one it is stands in the details (see classify.ts). */
export function googleClass(signs: ErrorSigns): ErrorClass {
  const errorClass = vendorClass(GOOGLE_CODES, signs)
  return errorClass === 'rateLimited' ? errorClass : refined(errorClass, signs)
}

export function plainClass(signs: ErrorSigns): ErrorClass {
  return refined(statusClass(signs.status), signs)
}

/** The code when it is known and says more than the status; the status where codes are vague or missing. */
function vendorClass(codes: Codes, { status, code, type }: ErrorSigns): ErrorClass {
  const byCode = ownEntry(codes, code) ?? ownEntry(codes, type)
  const byStatus = statusClass(status)
  if (byCode === undefined) return byStatus
  return isVague(byCode) && status !== null && !isVague(byStatus) ? byStatus : byCode
}

function ownEntry(codes: Codes, code: string): ErrorClass | undefined {
  return Object.hasOwn(codes, code) ? codes[code] : undefined
}

function isVague(errorClass: ErrorClass): boolean {
  return errorClass === 'badRequest' || errorClass === 'server'
}

function refined(errorClass: ErrorClass, { message }: ErrorSigns): ErrorClass {
  const start = message.slice(0, MAX_WORDING)
  return WORDINGS.find(({ among, pattern }) => among.includes(errorClass) && pattern.test(start))?.is ?? errorClass
}

export function statusClass(status: number | null): ErrorClass {
  switch (status) {
    case 401:
      return 'auth'
    case 402:
      return 'quota'
    case 403:
      return 'permission'
    case 404:
    case 410:
      return 'notFound'
    case 408:
    case 504:
      return 'timeout'
    case 413:
      return 'tooLarge'
    case 429:
      return 'rateLimited'
    case 503:
    case 529:
      return 'overloaded'
    default:
      return status !== null && status >= 400 && status < 500 ? 'badRequest' : 'server'
  }
}
