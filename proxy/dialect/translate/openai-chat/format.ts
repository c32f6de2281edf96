// OpenAI's chat completions as one format of the translation: which function of this folder does what.
// Source: the API reference of /v1/chat/completions.
import type { ChatFormat } from '../../neutral/format.ts'
import { readAnswer, writeAnswer } from './answer.ts'
import { readError, writeError } from './error.ts'
import { readRequest } from './request-reader.ts'
import { writeRequest } from './request-writer.ts'
import { ChatStreamReader } from './stream-reader.ts'
import { ChatStreamWriter } from './stream-writer.ts'

export const openAiChatFormat: ChatFormat = {
  name: 'OpenAIChat',
  readRequest,
  writeRequest,
  readAnswer,
  writeAnswer,
  createStreamReader: (context) => new ChatStreamReader(context),
  createStreamWriter: (context) => new ChatStreamWriter(context),
  readError,
  writeError,
}
