// Which class of failure a provider's answer is: by the codes in its body, its words and its status, as the vendors'
// tables have them (dialect/neutral/error-classes.ts). One status has several meanings (429: slow down, or never
// again this month; 400: faulty, too long, or filtered), and the body alone tells them apart. Pure; what follows from
// a class is outcome-classes.ts.
import type { Buffer } from 'node:buffer'
import { anthropicClass, googleClass, openAiClass, type ErrorSigns } from '../dialect/neutral/error-classes.ts'
import type { ErrorClass } from '../dialect/neutral/chat.ts'
import type { FailoverClass } from '../table/schema.ts'
import { readErrorBody } from './error-body.ts'

const CLASSES: Readonly<Record<ErrorClass, FailoverClass>> = {
  rateLimited: 'RateLimited',
  overloaded: 'Overloaded',
  quota: 'Quota',
  auth: 'Auth',
  permission: 'Auth',
  notFound: 'ModelNotFound',
  tooLarge: 'ContextLength',
  contextLength: 'ContextLength',
  contentFilter: 'ContentFilter',
  badRequest: 'BadRequest',
  timeout: 'Timeout',
  server: 'Server',
}

/** OpenAI's responses: another provider may be the one that holds it, as another one may have a model. */
const NO_SUCH_STATE: ReadonlySet<string> = new Set(['previous_response_not_found', 'conversation_not_found'])

/** Gemini's limits that last until tomorrow: its one code for limits stands for both kinds. */
const DAILY_QUOTA = /per_?day/i

/**
 * `status` is null for an error that came with status 200, in an event of a stream or as a whole body. The vendor is
 * told by the body, because many providers speak OpenAI's dialect and word their errors as another one does.
 */
export function classifyError(body: Buffer, status: number | null): FailoverClass {
  const words = readErrorBody(body)
  const { code, type, message, details, isGoogle, isAnthropic } = words
  if (isGoogle && DAILY_QUOTA.test(details)) return 'Quota'
  if (NO_SUCH_STATE.has(code)) return 'ModelNotFound'
  const signs: ErrorSigns = { status: status ?? words.status, code, type, message }
  if (isGoogle) return CLASSES[googleClass(signs)]
  return CLASSES[isAnthropic ? anthropicClass(signs) : openAiClass(signs)]
}
