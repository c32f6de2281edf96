// Errors of OpenAI's API <-> the neutral error. One shape for all of its endpoints: {error: {message, type, param,
// code}}. Source: the error-codes guide of the API's documentation.
import { Reading, type Field } from '../../neutral/field.ts'
import type { ErrorReply } from '../../neutral/format.ts'
import { openAiClass } from '../../neutral/error-classes.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { ChatError, ErrorClass } from '../../neutral/chat.ts'
import { fallbackMessage, STATUSES } from '../../neutral/error-statuses.ts'

const TYPES: Readonly<Record<ErrorClass, readonly [type: string, code: string | null]>> = {
  rateLimited: ['rate_limit_error', 'rate_limit_exceeded'],
  overloaded: ['server_error', 'server_overloaded'],
  quota: ['insufficient_quota', 'insufficient_quota'],
  auth: ['authentication_error', 'invalid_api_key'],
  permission: ['permission_error', null],
  notFound: ['invalid_request_error', 'model_not_found'],
  tooLarge: ['invalid_request_error', 'request_too_large'],
  contextLength: ['invalid_request_error', 'context_length_exceeded'],
  contentFilter: ['invalid_request_error', 'content_filter'],
  badRequest: ['invalid_request_error', null],
  timeout: ['server_error', 'timeout'],
  server: ['server_error', null],
}

export function readError({ status, body }: ErrorReply): ChatError {
  return readErrorObject(new Reading().root(body ?? {}).member('error'), status)
}

/** `error` is text at some servers of this dialect. */
export function readErrorObject(error: Field, status: number | null): ChatError {
  const described = error.isText ? error : error.member('message')
  const message = described.isText ? described.text() : undefined
  const code = error.member('code').isText ? error.member('code').text() : undefined
  const type = error.member('type').isText ? error.member('type').text() : undefined
  const param = error.member('param').isText ? error.member('param').text() : undefined
  return {
    class: openAiClass({ status, code: code ?? type ?? '', type: type ?? '', message: message ?? '' }),
    status,
    message: message || fallbackMessage(status),
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
  }
}

export function writeError(error: ChatError): { readonly status: number; readonly body: JsonObject } {
  const [type, code] = TYPES[error.class]
  const { message, param = null } = error
  return { status: STATUSES[error.class], body: { error: { message, type, param, code } } }
}
