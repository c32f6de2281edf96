// Errors of the prompt dialect <-> the neutral error: {"error": "text"}, or an object with a message.
// Without codes of its own: the status says what kind it is.
import { Reading, type Field } from '../../neutral/field.ts'
import type { ErrorReply } from '../../neutral/format.ts'
import { plainClass } from '../../neutral/error-classes.ts'
import { fallbackMessage, STATUSES } from '../../neutral/error-statuses.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { ChatError } from '../../neutral/chat.ts'

export function readError({ status, body }: ErrorReply): ChatError {
  return readErrorObject(new Reading().root(body ?? {}), status)
}

export function readErrorObject(root: Field, status: number | null): ChatError {
  const error = root.firstOf('error', 'message', 'detail')
  const message = (error.isText ? error.text() : error.member('message').text()) ?? ''
  return {
    class: plainClass({ status, code: '', type: '', message }),
    status,
    message: message || fallbackMessage(status),
  }
}

export function writeError(error: ChatError): { readonly status: number; readonly body: JsonObject } {
  return { status: STATUSES[error.class], body: { error: error.message } }
}
