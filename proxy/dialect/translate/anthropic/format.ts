// Anthropic's Messages as one format of the translation: which function of this folder does what.
// Source: the API reference of /v1/messages.
import type { ChatFormat } from '../../neutral/format.ts'
import { readAnswer, writeAnswer } from './answer.ts'
import { readError, writeError } from './error.ts'
import { readRequest } from './request-reader.ts'
import { writeRequest } from './request-writer.ts'
import { AnthropicStreamReader } from './stream-reader.ts'
import { AnthropicStreamWriter } from './stream-writer.ts'

export const anthropicFormat: ChatFormat = {
  name: 'Anthropic',
  readRequest,
  writeRequest,
  readAnswer,
  writeAnswer,
  createStreamReader: () => new AnthropicStreamReader(),
  createStreamWriter: (context) => new AnthropicStreamWriter(context),
  readError,
  writeError,
}
