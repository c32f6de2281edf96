// Gemini's generateContent as one format of the translation: which function of this folder does what.
// Source: the REST reference of models.generateContent.
import type { ChatFormat } from '../../neutral/format.ts'
import { readAnswer, writeAnswer } from './answer.ts'
import { readError, writeError } from './error.ts'
import { readRequest } from './request-reader.ts'
import { writeRequest } from './request-writer.ts'
import { GeminiStreamReader } from './stream-reader.ts'
import { GeminiStreamWriter } from './stream-writer.ts'

export const geminiFormat: ChatFormat = {
  name: 'Gemini',
  readRequest,
  writeRequest,
  readAnswer,
  writeAnswer,
  createStreamReader: (context) => new GeminiStreamReader(context),
  createStreamWriter: (context) => new GeminiStreamWriter(context),
  readError,
  writeError,
}
