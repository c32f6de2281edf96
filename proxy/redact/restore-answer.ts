// Values back into an answer, in whatever form it comes: a stream of events, a whole body, an error, a body that is too
// long to be held at once. The caller's dialect is spoken by then, and whatever else edits the answer has done so.
import type { Answered, AnswerBody, Call } from '../exchange.ts'
import { isStreamAnswer } from '../dialect/stream-framing.ts'
import { withoutByteHeaders } from '../encoding/byte-headers.ts'
import type { Restoration } from './masking.ts'
import { restoreDocument } from './restore/document-restorer.ts'
import { restoreEvents, RestoringStream, WholeRestoring } from './restore/restoring-stream.ts'

/** `body` is the answer's own, or what watches over it. */
export function restoreAnswer(
  { answered, body, call }: { readonly answered: Answered; readonly body: AnswerBody; readonly call: Call },
  { isJsonOutput, ...restoring }: Restoration,
): AnswerBody {
  const { stream: format } = call
  const isStream = answered.status < 400 && isStreamAnswer(answered.headers['content-type'], format)
  if (format !== null && isStream) {
    const options = { restoring, format, isJsonOutput }
    return 'start' in body ? new RestoringStream(body, options) : restoreEvents(body, options)
  }
  const options = { restoring, isJsonOutput }
  return 'start' in body ? new WholeRestoring(body, options) : restoreDocument(body, options)
}

/** Headers that describe the bytes as the provider sent them go with those bytes. */
export function withoutStaleHeaders(answered: Answered): Answered {
  return { ...answered, headers: withoutByteHeaders(answered.headers) }
}
