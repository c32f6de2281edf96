// OpenAI's Responses as one format of the translation: which function of this folder does what.
// Its errors are those of all of OpenAI's endpoints, but a failure can also come with status 200.
import { Reading } from '../../neutral/field.ts'
import type { ChatFormat } from '../../neutral/format.ts'
import type { JsonObject } from '../../neutral/json.ts'
import type { ChatError } from '../../neutral/chat.ts'
import { readError, readErrorObject, writeError } from '../openai-chat/error.ts'
import { readAnswer, writeAnswer } from './answer.ts'
import { readRequest } from './request-reader.ts'
import { writeRequest } from './request-writer.ts'
import { ResponsesStreamReader } from './stream-reader.ts'
import { ResponsesStreamWriter } from './stream-writer.ts'

export const openAiResponsesFormat: ChatFormat = {
  name: 'OpenAIResponses',
  readRequest,
  writeRequest,
  readAnswer,
  readFailure,
  writeAnswer,
  createStreamReader: (context) => new ResponsesStreamReader(context),
  createStreamWriter: (context) => new ResponsesStreamWriter(context),
  readError,
  writeError,
}

/** A response that failed comes with status 200. */
function readFailure(body: JsonObject): ChatError | null {
  const root = new Reading().root(body)
  if (root.member('status').text() !== 'failed' || !root.member('error').isPresent) return null
  return readErrorObject(root.member('error'), null)
}
