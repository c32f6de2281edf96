// Ollama's chat as one format of the translation: which function of this folder does what.
// Source: docs/api.md of Ollama.
import type { ChatFormat } from '../../neutral/format.ts'
import { readAnswer, writeAnswer } from './answer.ts'
import { readError, writeError } from './error.ts'
import { readRequest } from './request-reader.ts'
import { writeRequest } from './request-writer.ts'
import { OllamaStreamReader } from './stream-reader.ts'
import { OllamaStreamWriter } from './stream-writer.ts'

export const ollamaFormat: ChatFormat = {
  name: 'Ollama',
  readRequest,
  writeRequest,
  readAnswer,
  writeAnswer,
  createStreamReader: (context) => new OllamaStreamReader(context),
  createStreamWriter: (context) => new OllamaStreamWriter(context),
  readError,
  writeError,
}
