// Errors of Google's APIs <-> the neutral error: {error: {code, message, status, details}}. Source: Google's API design
// guide, "Errors". The details of a 429 say which limit was met: see classify.ts and retry-after.ts.
import { Reading, type Field } from '../../neutral/field.ts'
import type { ErrorReply } from '../../neutral/format.ts'
import { googleClass } from '../../neutral/error-classes.ts'
import { fallbackMessage, STATUSES } from '../../neutral/error-statuses.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { ChatError, ErrorClass } from '../../neutral/chat.ts'

const CODES: Readonly<Record<ErrorClass, string>> = {
  rateLimited: 'RESOURCE_EXHAUSTED',
  overloaded: 'UNAVAILABLE',
  quota: 'RESOURCE_EXHAUSTED',
  auth: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  notFound: 'NOT_FOUND',
  tooLarge: 'INVALID_ARGUMENT',
  contextLength: 'INVALID_ARGUMENT',
  contentFilter: 'INVALID_ARGUMENT',
  badRequest: 'INVALID_ARGUMENT',
  timeout: 'DEADLINE_EXCEEDED',
  server: 'INTERNAL',
}

export function readError({ status, body }: ErrorReply): ChatError {
  return readErrorObject(new Reading().root(body ?? {}).member('error'), status)
}

export function readErrorObject(error: Field, status: number | null): ChatError {
  const code = error.member('status').text() ?? ''
  const message = error.member('message').text()
  const numeric = error.member('code').number()
  return {
    class: googleClass({ status: status ?? numeric ?? null, code, type: code, message: message ?? '' }),
    status,
    message: message || fallbackMessage(status),
    ...(code !== '' && { code }),
  }
}

export function writeError(error: ChatError): { readonly status: number; readonly body: JsonObject } {
  const status = STATUSES[error.class]
  return { status, body: { error: { code: status, message: error.message, status: CODES[error.class] } } }
}
