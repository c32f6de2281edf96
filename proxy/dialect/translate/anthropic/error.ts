// Errors of Anthropic's API <-> the neutral error: {type: "error", error: {type, message}, request_id}, the same in a
// stream. Source: the errors page of the API's documentation.
import { Reading, type Field } from '../../neutral/field.ts'
import type { ErrorReply } from '../../neutral/format.ts'
import { anthropicClass } from '../../neutral/error-classes.ts'
import { fallbackMessage, STATUSES } from '../../neutral/error-statuses.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { ChatError, ErrorClass } from '../../neutral/chat.ts'

const TYPES: Readonly<Record<ErrorClass, string>> = {
  rateLimited: 'rate_limit_error',
  overloaded: 'overloaded_error',
  quota: 'billing_error',
  auth: 'authentication_error',
  permission: 'permission_error',
  notFound: 'not_found_error',
  tooLarge: 'request_too_large',
  contextLength: 'invalid_request_error',
  contentFilter: 'invalid_request_error',
  badRequest: 'invalid_request_error',
  timeout: 'timeout_error',
  server: 'api_error',
}

export function readError({ status, body }: ErrorReply): ChatError {
  return readErrorObject(new Reading().root(body ?? {}), status)
}

export function readErrorObject(root: Field, status: number | null): ChatError {
  const error = root.member('error')
  const type = error.member('type').text() ?? ''
  const message = error.isText ? error.text() : error.member('message').text()
  const requestId = root.member('request_id').text()
  return {
    class: anthropicClass({ status, code: type, type, message: message ?? '' }),
    status,
    message: message || fallbackMessage(status),
    ...(type !== '' && { code: type }),
    ...(requestId !== undefined && { requestId }),
  }
}

export function writeError(error: ChatError): { readonly status: number; readonly body: JsonObject } {
  const { message, requestId = null } = error
  const status = error.class === 'overloaded' ? 529 : error.class === 'quota' ? 402 : STATUSES[error.class]
  return { status, body: { type: 'error', error: { type: TYPES[error.class], message }, request_id: requestId } }
}
