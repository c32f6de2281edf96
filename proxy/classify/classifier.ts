// The classifier of one proxy put together from its parts: tables of places, model, languages. Loaded with the first
// table that has a rule which looks at content (facts-on-demand.ts).
import type { Call } from '../exchange.ts'
import { classify, type Classification } from './classify.ts'
import { createCodeModel } from './code-model.ts'
import { createLanguageTeller } from './human-language.ts'
import { type CallReading, readTurns } from './reading/read-call.ts'
import { createTextPlaces } from './reading/text-places.ts'

export interface Classifier {
  /** Null: an operation of which nothing is known. */
  read(call: Call): CallReading | null
  classify(call: Call, reading: CallReading): Classification
}

export function createClassifier(): Classifier {
  const placesOf = createTextPlaces()
  const deps = { model: createCodeModel(), languageOf: createLanguageTeller() }
  return {
    read: (call) => {
      const places = placesOf(call.received.place)
      return places === null ? null : readTurns(call, places)
    },
    classify: (call, reading) => classify(call, reading, deps),
  }
}
