// The official Google Gen AI SDK against providers of every dialect.
import { type GenerateContentParameters, type GenerateContentResponse, type Content, GoogleGenAI } from '@google/genai'
import { type Answer, type Question, type Sdk, WEATHER } from './client.ts'
import { describeSdk } from './matrix.ts'

describeSdk({
  name: '@google/genai',
  dialect: 'Gemini',
  finish: { stop: 'STOP', tools: 'STOP', length: 'MAX_TOKENS', filter: 'SAFETY' },
  errors: { badRequest: 'ApiError', rateLimit: 'ApiError' },
  // Gemini counts thoughts beside the candidates.
  countsOf: ({ input, output, reasoning }) => ({ input, output: output - reasoning }),
  connect: ({ GEMINI_API_KEY = '' }): Sdk => {
    const { models } = new GoogleGenAI({ apiKey: GEMINI_API_KEY })
    return {
      ask: async (question) => answerOf([await models.generateContent(requestOf(question))]),
      stream: async (question) => {
        const parts: GenerateContentResponse[] = []
        for await (const part of await models.generateContentStream(requestOf(question))) parts.push(part)
        const pieces = parts.map(textOf).filter((piece) => piece !== '')
        return { ...answerOf(parts), pieces }
      },
    }
  },
})

function requestOf({ text, image, hasTools, round }: Question): GenerateContentParameters {
  const { name, description, schema: parametersJsonSchema } = WEATHER
  const picture = image === undefined ? [] : [{ inlineData: { mimeType: 'image/png', data: image } }]
  return {
    model: 'asked-for',
    contents: [{ role: 'user', parts: [...picture, { text }] }, ...roundOf(round)],
    config: {
      systemInstruction: 'Be brief.',
      ...(hasTools ? { tools: [{ functionDeclarations: [{ name, description, parametersJsonSchema }] }] } : {}),
    },
  }
}

function roundOf(round: Question['round']): Content[] {
  if (round === undefined) return []
  const calls = round.calls.map(({ id, name, input }) => ({
    functionCall: { ...(id === undefined ? {} : { id }), name, args: input as Record<string, unknown> },
  }))
  const results = round.results.map((output, index) => {
    const { id, name = '' } = round.calls[index] ?? {}
    return { functionResponse: { ...(id === undefined ? {} : { id }), name, response: { output } } }
  })
  return [
    { role: 'model', parts: calls },
    { role: 'user', parts: results },
  ]
}

function textOf({ candidates }: GenerateContentResponse): string {
  return (candidates?.[0]?.content?.parts ?? []).map(({ text = '', thought }) => (thought ? '' : text)).join('')
}

/** A streamed answer is a row of answers; the last count and reason stand. */
function answerOf(answers: readonly GenerateContentResponse[]): Answer {
  const usage = answers.findLast(({ usageMetadata }) => usageMetadata !== undefined)?.usageMetadata
  return {
    text: answers.map(textOf).join(''),
    calls: answers
      .flatMap(({ functionCalls = [] }) => functionCalls)
      .map(({ id, name = '', args }) => ({ id, name, input: args })),
    finish: answers.findLast(({ candidates }) => candidates?.[0]?.finishReason)?.candidates?.[0]?.finishReason,
    usage: { input: usage?.promptTokenCount, output: usage?.candidatesTokenCount },
  }
}
