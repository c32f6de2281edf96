// The table of every failure a caller can meet: a stable code, its HTTP status, whose fault it is and what to do.
// Callers switch on `code`, never on text. A failure is a value (`Failure`) that a stage returns; the caller's dialect
// gives it its shape (dialect/dialect.ts), and `x-modelroute-error` carries the code beside it.

export type Origin = 'client' | 'proxy' | 'upstream'

interface ErrorEntry {
  readonly status: number
  readonly origin: Origin
  /** What the caller's library is told in `x-should-retry`; absent: nothing, and it does as it always does. */
  readonly retry?: 'soon' | 'never'
  /** What it means, for people: the documentation's table is made from it. */
  readonly meaning: string
  readonly remedy: string
}

export const ERRORS = {
  body_not_form: {
    status: 400,
    origin: 'client',
    meaning: 'The request body says it is a form (multipart/form-data) and is none that can be read for sure.',
    remedy: 'Send it as the client libraries do; the message says what is wrong.',
  },
  body_not_json: {
    status: 400,
    origin: 'client',
    meaning: 'The request body is not a JSON object.',
    remedy: 'Send valid JSON; the message says at which byte the reading stopped.',
  },
  request_unreadable: {
    status: 400,
    origin: 'client',
    meaning: 'The bytes that came are no HTTP request, or contradict themselves about where it ends.',
    remedy: 'Send HTTP/1.1 with one `content-length` or with `transfer-encoding: chunked`, not with both.',
  },
  member_repeated: {
    status: 400,
    origin: 'client',
    meaning: 'The request body has a member twice on which its way depends; readers differ in which one counts.',
    remedy: 'Send the member that the message names once.',
  },
  body_not_decodable: {
    status: 400,
    origin: 'client',
    meaning: 'The request body is cut short, or is not in the encoding that its `content-encoding` names.',
    remedy: 'Send the whole body in the encoding that the header names, or without one.',
  },
  model_missing: {
    status: 400,
    origin: 'client',
    meaning: 'The request names no model, or one that is not a string of 1 to 256 characters.',
    remedy: 'Set `model` in the request body.',
  },
  not_translatable: {
    status: 400,
    origin: 'client',
    meaning: 'The target speaks another dialect, and the request asks for what cannot be said in it.',
    remedy: 'Leave out the field that the message names, or add a backend that speaks the dialect of the application.',
  },
  operation_not_maskable: {
    status: 400,
    origin: 'client',
    retry: 'never',
    meaning: 'The rule masks, and nothing is known of where texts stand in this operation.',
    remedy: 'Use an operation of docs/dialects.md, or a rule without `redact`.',
  },
  part_not_maskable: {
    status: 400,
    origin: 'client',
    retry: 'never',
    meaning: 'The rule masks, and the request holds a kind of part that cannot be masked; the message says where.',
    remedy: 'Leave the part out, or send it as text.',
  },
  state_not_maskable: {
    status: 400,
    origin: 'client',
    retry: 'never',
    meaning: 'The rule masks, and the request refers to what the provider holds, which this proxy does not know.',
    remedy: 'Send the whole conversation in place of `previous_response_id`, files, or the like.',
  },
  body_not_maskable: {
    status: 400,
    origin: 'client',
    retry: 'never',
    meaning: 'The rule masks, and the body can be read in two ways: a member twice in one object, or broken text.',
    remedy: 'Send each member once, and valid UTF-8.',
  },
  signed_not_maskable: {
    status: 400,
    origin: 'client',
    retry: 'never',
    meaning: 'The rule masks, and a signed part, which must not be changed, holds a value that must not leave.',
    remedy: 'Leave out the block of reasoning.',
  },
  content_not_inspected: {
    status: 400,
    origin: 'client',
    retry: 'never',
    meaning: 'The profile `Strict` sends nothing that cannot be read: images, audio, base64.',
    remedy: 'Send text, or use another profile.',
  },
  foreign_page: {
    status: 403,
    origin: 'client',
    retry: 'never',
    meaning: 'A web page of another site made a browser call the proxy of this machine (`npm start`).',
    remedy: 'Call from a program, or from a page that this machine serves.',
  },
  context_too_long: {
    status: 422,
    origin: 'client',
    retry: 'never',
    meaning: 'No target of the rule can hold the prompt and the answer asked for; the message says by how much.',
    remedy: 'Shorten the prompt, ask for fewer tokens, or add a backend whose model has more `contextTokens`.',
  },
  unknown_path: {
    status: 404,
    origin: 'client',
    meaning: 'The path belongs to no known operation, and no provider is set for other paths.',
    remedy: 'Correct the base URL, or set `spec.passthrough.providerRef.name` in a ModelRoute that selects this pod.',
  },
  no_route: {
    status: 404,
    origin: 'client',
    meaning: 'No rule of the ModelRoutes that select this pod matches the model asked for.',
    remedy: 'Ask for a model that `GET /v1/models` lists, or add a rule.',
  },
  upload_timeout: {
    status: 408,
    origin: 'client',
    meaning: 'The request stopped arriving before it was complete.',
    remedy: 'Send the request again.',
  },
  body_too_large: {
    status: 413,
    origin: 'client',
    meaning: 'The request body is larger than this proxy takes, as it came or without its `content-encoding`.',
    remedy: 'Send a smaller body, or raise MODELROUTE_MAX_BODY_BYTES.',
  },
  encoding_unknown: {
    status: 415,
    origin: 'client',
    meaning: 'The request body has a `content-encoding` that this proxy cannot undo.',
    remedy: 'Send the body as it is, or in gzip, br, deflate or zstd.',
  },
  job_unknown: {
    status: 404,
    origin: 'client',
    meaning: 'No deferred call of this pod has that id, or the time to keep its answer is over.',
    remedy: 'Ask the pod that took the call in, before `gone_at`; the answer with status 202 has the whole path.',
  },
  job_cancelled: {
    status: 410,
    origin: 'client',
    meaning: 'The deferred call was cancelled and has no answer.',
    remedy: 'Send the call again if it is wanted after all.',
  },
  idempotency_key_reused: {
    status: 422,
    origin: 'client',
    retry: 'never',
    meaning: 'Another deferred call was taken in under the same `idempotency-key`.',
    remedy: 'Use a key once for each call, and again only to repeat that very call.',
  },
  headers_too_large: {
    status: 431,
    origin: 'client',
    meaning: 'The headers of the request are larger than this proxy takes.',
    remedy: 'Send fewer or shorter headers.',
  },
  caller_gone: {
    status: 499,
    origin: 'client',
    meaning: 'The application closed the connection before the answer was complete. Seen in logs and metrics only.',
    remedy: 'Nothing; the provider was told to stop.',
  },
  internal_error: {
    status: 500,
    origin: 'proxy',
    meaning: 'The proxy met a fault of its own.',
    remedy: 'Report it with the request id and the log line.',
  },
  targets_rate_limited: {
    status: 429,
    origin: 'upstream',
    retry: 'never',
    meaning: 'Every target that could be tried failed, the last one because of its rate limit.',
    remedy: 'Wait for as long as `retry-after` says, send less, or add a backend on another provider.',
  },
  targets_failed: {
    status: 502,
    origin: 'upstream',
    retry: 'never',
    meaning: 'Every target that could be tried failed; the message names the last reason.',
    remedy: 'Check the provider, its URL and its network path.',
  },
  stream_cut: {
    status: 502,
    origin: 'upstream',
    meaning: 'The answer broke off after its first part was delivered; told as one error event in the stream.',
    remedy: 'Send the request again; what has arrived is not complete.',
  },
  passthrough_failed: {
    status: 502,
    origin: 'upstream',
    meaning: 'The provider of passed-through paths could not be reached or broke off.',
    remedy: 'Check the provider that `spec.passthrough` names.',
  },
  job_expired: {
    status: 504,
    origin: 'upstream',
    meaning: 'The deferred call had no answer within the time that its rule gives it.',
    remedy: 'Send it again, at once or with a longer `deferred.within` in the rule.',
  },
  no_table: {
    status: 503,
    origin: 'proxy',
    retry: 'soon',
    meaning: 'The proxy has no routing table yet.',
    remedy: 'Wait a moment; if it stays, check that the operator runs and that the pod can reach it.',
  },
  no_backend: {
    status: 503,
    origin: 'proxy',
    retry: 'never',
    meaning: 'The rule that matches has no backend that can serve; the message says why.',
    remedy: 'Create what the message names; the next call after that works.',
  },
  key_missing: {
    status: 503,
    origin: 'proxy',
    meaning: 'The key of the provider has not come to this proxy; the message names the credential.',
    remedy: 'Create the Secret and the key in it that the ModelProvider names.',
  },
  masking_failed: {
    status: 500,
    origin: 'proxy',
    meaning: 'The request could not be masked: a fault of a detector, or more work than the time limit allows.',
    remedy: 'Send less at once; if it stays, report it with the request id.',
  },
  masking_not_ready: {
    status: 503,
    origin: 'proxy',
    retry: 'soon',
    meaning: 'The rule masks, and the key or a word list that it needs has not come to this proxy.',
    remedy: 'Wait a moment; if it stays, check the Secrets that the rule names and that the operator runs.',
  },
  bodies_in_flight: {
    status: 503,
    origin: 'proxy',
    retry: 'soon',
    meaning: 'The request bodies that this proxy holds at this moment reach their common limit.',
    remedy: 'Send fewer or smaller requests at once, or raise MODELROUTE_MAX_BODIES_IN_FLIGHT_BYTES.',
  },
  targets_ejected: {
    status: 503,
    origin: 'upstream',
    retry: 'never',
    meaning: 'No target answered, and all of the rule are ejected because they kept failing.',
    remedy: 'Wait for as long as `retry-after` says; check the providers, or add a backend on another one.',
  },
  targets_overloaded: {
    status: 503,
    origin: 'upstream',
    retry: 'never',
    meaning: 'Every target that could be tried failed, the last one because it was overloaded.',
    remedy: 'Wait, or add a backend on another provider.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>

export type ErrorCode = keyof typeof ERRORS

/** A failure on its way to the caller. `message` is whole sentences without secrets, query strings or body text. */
export interface Failure {
  readonly kind: 'failure'
  readonly code: ErrorCode
  readonly message: string
  /** When it is worth another call, in milliseconds from now; absent: not known. */
  readonly retryAfterMs?: number
}

export function failure(code: ErrorCode, message: string): Failure {
  return { kind: 'failure', code, message }
}

/** Answers of the proxy's own that pass quickly. */
const SOON_MS = 1000

/** What the caller's library should do: `x-should-retry` and, where it is known, after how long. */
export function retryAdvice({ code, retryAfterMs }: Pick<Failure, 'code' | 'retryAfterMs'>): {
  readonly retry: 'soon' | 'never' | null
  readonly afterMs: number | null
} {
  const { retry }: ErrorEntry = ERRORS[code]
  return { retry: retry ?? null, afterMs: retryAfterMs ?? (retry === 'soon' ? SOON_MS : null) }
}

export function statusOf(code: ErrorCode): number {
  return ERRORS[code].status
}
