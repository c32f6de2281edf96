// Where text stands in OpenAI's forms with files (transcriptions, edits of images) and in small JSON operations; read
// only where a rule masks (dialect/openai-other.ts). A field that is not here is refused: nobody knows what it does.
import { KEEP, kept, LINK, listOf, MEDIA, object, partsOf, shape, TEXT, type Shape } from './shape.ts'

/** By path, by field. A field of MEDIA is a file; what is text in it is read all the same. */
export type FormShape = Readonly<Record<string, Shape>>

const TRANSCRIPTION: FormShape = {
  ...kept('model language response_format temperature timestamp_granularities[] timestamp_granularities'),
  ...kept('include[] include stream'),
  file: MEDIA,
  prompt: TEXT,
  chunking_strategy: shape({ text: 'json' }),
  'known_speaker_names[]': TEXT,
  'known_speaker_references[]': LINK,
}
const IMAGE: FormShape = {
  ...kept('model n size quality background input_fidelity moderation output_format output_compression'),
  ...kept('partial_images response_format stream style'),
  image: MEDIA,
  'image[]': MEDIA,
  mask: MEDIA,
  prompt: TEXT,
  user: TEXT,
}

export const FORMS: Readonly<Record<string, FormShape>> = {
  '/audio/transcriptions': TRANSCRIPTION,
  '/audio/translations': TRANSCRIPTION,
  '/images/edits': IMAGE,
  '/images/variations': IMAGE,
}

const INPUT_PARTS = partsOf({
  text: object({ type: KEEP, text: TEXT }),
  image_url: object({ type: KEEP, image_url: object({ url: LINK }) }),
})

/** The same as JSON bodies. */
export const OTHER: Readonly<Record<string, Shape>> = {
  '/images/generations': object(IMAGE),
  '/moderations': object({ model: KEEP, input: INPUT_PARTS }),
  '/rerank': object({
    ...kept('model top_n top_k return_documents max_chunks_per_doc max_tokens_per_doc truncation'),
    query: TEXT,
    documents: listOf(shape({})),
  }),
}
