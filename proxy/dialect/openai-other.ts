// OpenAI's operations that pass through unread on most pods (platform.openai.com, API reference), and are read where a
// rule masks, since unread bytes must not leave there: forms with a file and a prompt, and small JSON bodies. They are
// calls like any other then, and go by the rules; a model need not be named.
import { failure, type Failure } from '../errors.ts'
import type { Call, ModelPlace, Received, Span } from '../exchange.ts'
import { readString } from '../json/scan.ts'
import { headerOf } from '../raw-headers.ts'
import type { Endpoint } from './dialect.ts'
import { isForm, readForm, type Form } from './multipart.ts'
import { namedEvents } from './openai-responses.ts'
import { isModelName, MAX_MODEL_LENGTH, scanBody } from './read-body.ts'
import type { StreamFormat } from './stream-format.ts'

const transcripts = namedEvents('transcript\\.text\\.done')
const images = namedEvents('image_(?:generation|edit)\\.completed')
const NO_SPANS = { promptCacheKey: undefined, user: undefined, metadata: undefined, messages: undefined }

/** By path; the values tell how an answer comes event by event. */
const STREAMS: Readonly<Record<string, StreamFormat | null>> = {
  '/audio/transcriptions': transcripts,
  '/audio/translations': null,
  '/images/generations': images,
  '/images/edits': images,
  '/images/variations': null,
  '/moderations': null,
  '/rerank': null,
}

/** Null: not one of these. */
export function otherEndpoint(path: string): Endpoint | null {
  if (!Object.hasOwn(STREAMS, path)) return null
  const stream = STREAMS[path] ?? null
  return { operation: 'Other', readCall: (received) => readOther(received, stream) }
}

function readOther(received: Received, stream: StreamFormat | null): Call | Failure {
  const contentType = headerOf(received.rawHeaders, 'content-type') ?? ''
  const read = isForm(contentType) ? readFields(received, contentType) : readMembers(received)
  if ('kind' in read) return read
  const { model, place, asksForStream } = read
  if (place !== null && !isModelName(model)) {
    return failure('model_missing', `The "model" must be a string of 1 to ${MAX_MODEL_LENGTH} characters.`)
  }
  const isStreaming = stream !== null && asksForStream
  return {
    kind: 'call',
    received,
    model,
    isStreaming,
    modelPlaces: place === null ? [] : [place],
    modelPathPlace: null,
    stream: isStreaming ? stream : null,
    conversationSpans: NO_SPANS,
  }
}

interface OtherCall {
  readonly model: string
  readonly place: ModelPlace | null
  readonly asksForStream: boolean
}

function readMembers({ body }: Received): OtherCall | Failure {
  const spans = scanBody(body, ['model', 'stream'])
  if ('kind' in spans) return spans
  const [model, stream] = spans
  return {
    model: model === undefined ? '' : (readString(body, model) ?? ''),
    place: model === undefined ? null : { span: model, before: '"', after: '"' },
    asksForStream: stream !== undefined && body.toString('latin1', stream.start, stream.end) === 'true',
  }
}

function readFields({ body }: Received, contentType: string): OtherCall | Failure {
  const form = readForm(body, contentType)
  if (form.kind === 'fault') return failure('body_not_form', `The request body is no form: ${form.sentence}.`)
  const models = fieldsOf(form, 'model')
  const streams = fieldsOf(form, 'stream')
  if (models.length > 1 || streams.length > 1) {
    return failure('body_not_form', 'The request body has the field "model" or "stream" more than once.')
  }
  const [model] = models
  const [stream] = streams
  return {
    model: model === undefined ? '' : body.toString('utf8', model.start, model.end),
    place: model === undefined ? null : { span: model, before: '', after: '' },
    asksForStream: stream !== undefined && /^true$/i.test(body.toString('latin1', stream.start, stream.end)),
  }
}

function fieldsOf({ parts }: Form, wanted: string): readonly Span[] {
  return parts.filter(({ name }) => name === wanted).map(({ content }) => content)
}
