// Requests that together ask for everything Gemini's generateContent can ask for; where two things
// exclude one another, there is another request. See translation-samples.ts.
import type { JsonObject } from '../../proxy/dialect/neutral/json.ts'
import { DATA, SCHEMA, STOPS } from './values.ts'

const geminiTool = { functionDeclarations: [{ name: 'weather', parametersJsonSchema: SCHEMA }] }
const generate = (more: JsonObject): JsonObject => ({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }], ...more })
const calling = (config: JsonObject): JsonObject =>
  generate({ tools: [geminiTool], toolConfig: { functionCallingConfig: config } })

export const GEMINI: readonly JsonObject[] = [
  generate({
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: DATA } },
          { inlineData: { mimeType: 'audio/wav', data: DATA } },
          { inlineData: { mimeType: 'application/pdf', data: DATA } },
          { fileData: { mimeType: 'image/png', fileUri: 'https://example.com/a.png' } },
          { inlineData: { mimeType: 'application/pdf', data: DATA }, videoMetadata: { fps: 1 } },
          { fileData: { mimeType: 'application/pdf', fileUri: 'https://example.com/a.pdf' } },
        ],
      },
      { role: 'model', parts: [{ functionCall: { name: 'weather', args: {} }, thoughtSignature: 'eA==' }] },
      {
        role: 'user',
        parts: [
          {
            functionResponse: {
              name: 'weather',
              response: { error: 'no' },
              parts: [{ inlineData: { mimeType: 'image/png', data: DATA } }],
            },
          },
        ],
      },
    ],
    tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: SCHEMA, behavior: 'NON_BLOCKING' }] }],
    serviceTier: 'flex',
    store: true,
    safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
    cachedContent: 'cachedContents/1',
    labels: { a: 'b' },
    generationConfig: {
      responseMimeType: 'application/json',
      responseJsonSchema: SCHEMA,
      thinkingConfig: { thinkingBudget: 100, includeThoughts: true },
      maxOutputTokens: 10,
      temperature: 1,
      topP: 0.5,
      topK: 5,
      seed: 1,
      frequencyPenalty: 1,
      presencePenalty: 1,
      stopSequences: STOPS,
      candidateCount: 2,
      responseLogprobs: true,
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
      responseModalities: ['TEXT', 'IMAGE'],
    },
  }),
  generate({
    contents: [
      {
        role: 'user',
        parts: [
          { fileData: { mimeType: 'image/png', fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/a' } },
        ],
      },
    ],
  }),
  generate({ generationConfig: { responseMimeType: 'application/json' } }),
  generate({ tools: [{ googleSearch: {} }] }),
  calling({ mode: 'NONE' }),
  calling({ mode: 'ANY' }),
  calling({ mode: 'ANY', allowedFunctionNames: ['weather'] }),
  calling({ mode: 'ANY', allowedFunctionNames: ['weather', 'time'] }),
  generate({
    contents: [
      { role: 'user', parts: [{ text: 'hi' }] },
      { role: 'model', parts: [{ text: 'Well,' }] },
    ],
  }),
]
