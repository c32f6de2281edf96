// The official Python SDKs of OpenAI and Anthropic against providers of every dialect. A suite of its own, because it
// needs Python: `npm run test:python`.
import { afterAll, inject } from 'vitest'
import { describeSdk } from '../matrix.ts'
import { errorOf, startProgram } from './program.ts'

const interpreter = inject('python')
const errors = { badRequest: 'BadRequestError', rateLimit: 'RateLimitError' }
const openai = startProgram(interpreter, 'openai_chat.py')
const anthropic = startProgram(interpreter, 'anthropic_messages.py')

afterAll(async () => {
  await openai.stop()
  await anthropic.stop()
})

describeSdk({
  name: 'openai for Python',
  dialect: 'OpenAI',
  finish: { stop: 'stop', tools: 'tool_calls', length: 'length', filter: 'content_filter' },
  errors,
  connect: openai.sdkFor,
  errorOf,
})

describeSdk({
  name: 'anthropic for Python',
  dialect: 'Anthropic',
  finish: { stop: 'end_turn', tools: 'tool_use', length: 'max_tokens', filter: 'refusal' },
  errors,
  countsOf: ({ input, cached, output }) => ({ input: input - cached, output }),
  connect: anthropic.sdkFor,
  errorOf,
})
