// A failure in the shape of OpenAI's errors (platform.openai.com, error codes).
// One object for bodies and for events of a stream, which differ in nothing but the line they stand in.
import { ERRORS, type Failure } from '../errors.ts'

export function openAiError({ code, message }: Failure): object {
  const type = ERRORS[code].origin === 'client' ? 'invalid_request_error' : 'server_error'
  return { error: { message, type, param: null, code } }
}
