// One SDK as the matrix sees it: questions in, what the SDK itself returned out, in one shape. Each SDK's own words
// (finish reasons, classes of errors) stay its own, since that is what applications switch on.
import type { DialectName } from '../../proxy/table/schema.ts'

export interface ToolCall {
  readonly id?: string | undefined
  readonly name: string
  readonly input: unknown
}

export interface Question {
  readonly text: string
  /** A PNG as base64. */
  readonly image?: string
  readonly hasTools?: true
  /** The answer of the first round with the results of its calls, in their order. */
  readonly round?: { readonly calls: readonly ToolCall[]; readonly results: readonly string[] }
}

export interface Answer {
  readonly text: string
  readonly calls: readonly ToolCall[]
  readonly finish: string | null | undefined
  readonly usage: { readonly input: number | undefined; readonly output: number | undefined }
}

export interface StreamedAnswer extends Answer {
  /** Pieces of text as they came. */
  readonly pieces: readonly string[]
}

export interface Sdk {
  readonly ask: (question: Question) => Promise<Answer>
  readonly stream: (question: Question) => Promise<StreamedAnswer>
}

export interface TokenTotals {
  readonly input: number
  /** Part of the input. */
  readonly cached: number
  readonly output: number
  /** Part of the output. */
  readonly reasoning: number
}

export interface SdkKind {
  readonly name: string
  readonly dialect: DialectName
  /** The SDK's words for why an answer ended. */
  readonly finish: { readonly stop: string; readonly tools: string; readonly length: string; readonly filter: string }
  /** Class (or name) of the SDK's error for a status. */
  readonly errors: { readonly badRequest: string; readonly rateLimit: string }
  /** Makes the SDK from the variables that the webhook injects, wherever it reads them. */
  readonly connect: (variables: InjectedVariables) => Sdk
  /** What the SDK makes of a vendor's counts; both as they are where it is not said. */
  readonly countsOf?: (totals: TokenTotals) => Answer['usage']
  /** The SDK ends a stream in silence where its vendor tells of an error in the middle of it. */
  readonly missesFaults?: true
  /** Its streams are another format than the one written down for its vendor. */
  readonly isUnlikeVendor?: true
  /** The SDK's own count of a stream's tokens is off: it adds what it should replace, or looks at one event alone. */
  readonly isStreamUsageLoose?: true
  readonly errorOf?: (cause: unknown) => SdkError
}

export interface SdkError {
  readonly name: string
  readonly status: number | undefined
  readonly message: string
}

/** By name, as a container has them. */
export type InjectedVariables = Readonly<Record<string, string>>

export const WEATHER = {
  name: 'weather',
  description: 'The weather of a city',
  schema: {
    type: 'object' as const,
    properties: { city: { type: 'string' as const }, days: { type: 'integer' as const } },
    required: ['city'],
  },
}

export function parse(text: string): unknown {
  return JSON.parse(text)
}
