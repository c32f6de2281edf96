// A failure in the shape of OpenAI's errors (platform.openai.com, error codes).
// One object for bodies and for events of a stream, which differ in nothing but the line they stand in.
import { ERRORS, type Failure } from '../errors.ts'

export function openAiError({ code, message }: Failure): object {
  return { error: { message, type: typeOf(ERRORS[code]), param: null, code } }
}

function typeOf({ origin, status }: (typeof ERRORS)[Failure['code']]): string {
  if (status === 429) return 'rate_limit_error'
  return origin === 'client' ? 'invalid_request_error' : 'server_error'
}
