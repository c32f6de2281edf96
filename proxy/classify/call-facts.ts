// What is known of one call beyond what it says: what it is, and how long. Worked out when a rule, a plan or explain
// first asks, once; a call that nothing asks about costs nothing. Kept with the call (Call.facts).
import type { Call } from '../exchange.ts'
import type { CallFacts, FactsReport } from './facts.ts'
import type { Classification } from './classify.ts'
import type { Classifier } from './classifier.ts'
import type { CallReading } from './reading/read-call.ts'
import type { Measured, TokenEstimator } from './tokens/estimate.ts'
import type { ExactCounter } from './exact/exact-counter.ts'
import { readText } from './reading/texts.ts'
import { type Family, familyOf, isFamilyKnown } from './tokens/families.ts'

export interface FactsDeps {
  readonly classifier: Classifier
  readonly estimator: TokenEstimator
  /** Absent: estimates are all there is. */
  readonly exact?: Pick<ExactCounter, 'count'>
}

/** Of operations of which nothing is known: judged by their paths. */
const BY_PATH = [
  { path: /\/audio\//, content: 'Audio' },
  { path: /\/images\//, content: 'Image' },
] as const

export function factsOf(call: Call, deps: FactsDeps): CallFacts {
  return new LazyFacts(call, deps)
}

class LazyFacts implements CallFacts {
  readonly #call: Call
  readonly #deps: FactsDeps
  readonly #tokens = new Map<Family, number>()
  readonly #sharpened = new Set<Family>()
  #reading: CallReading | null | undefined
  #classification: Classification | null = null
  #measured: Measured | null = null

  constructor(call: Call, deps: FactsDeps) {
    this.#call = call
    this.#deps = deps
  }

  get classification(): Classification {
    this.#classification ??= this.#classify()
    return this.#classification
  }

  promptTokens(model: string): number {
    const family = familyOf(model)
    const known = this.#tokens.get(family)
    if (known !== undefined) return known
    const reading = this.#read()
    this.#measured ??= reading === null ? null : this.#deps.estimator.measure(reading)
    const tokens = this.#measured === null ? 0 : this.#deps.estimator.tokens(this.#measured, family)
    this.#tokens.set(family, tokens)
    return tokens
  }

  async sharpen(model: string): Promise<void> {
    const family = familyOf(model)
    const reading = this.#read()
    const { exact, estimator } = this.#deps
    const hasVocabulary = family === 'o200k' || family === 'cl100k'
    if (exact === undefined || !hasVocabulary || !isFamilyKnown(model) || this.#sharpened.has(family)) return
    this.#sharpened.add(family)
    const texts = reading === null ? null : allTexts(reading)
    if (reading === null || texts === null) return
    const tokens = await exact.count(family, texts)
    if (tokens !== null) this.#tokens.set(family, tokens + estimator.overhead(reading))
  }

  report(): FactsReport {
    const promptTokens = this.#tokens.get(familyOf(this.#call.model))
    return {
      ...(this.#classification !== null && { classification: this.#classification }),
      ...(promptTokens !== undefined && { promptTokens }),
    }
  }

  #classify(): Classification {
    const reading = this.#read()
    if (reading !== null) return this.#deps.classifier.classify(this.#call, reading)
    const path = this.#call.received.place.path ?? ''
    const content = BY_PATH.find((each) => each.path.test(path))?.content ?? 'Text'
    const nothing = { codeShare: 0, programmingLanguage: null, language: null, images: 0, sounds: 0 }
    return { content, ...nothing, evidence: ['the path of the operation'] }
  }

  #read(): CallReading | null {
    this.#reading ??= this.#deps.classifier.read(this.#call)
    return this.#reading
  }
}

/** Every text and all data, whole; null: some of it is no text, or was not read. */
function allTexts({ body, turns, tools, stoppedAt }: CallReading): readonly string[] | null {
  const pieces = turns.flatMap((turn) => turn.pieces)
  if (stoppedAt !== null || pieces.some(({ media }) => media !== null)) return null
  const texts = pieces.map(({ span }) => readText(body, span, body.length).text)
  return [...texts, ...tools.map(({ start, end }) => body.toString('utf8', start, end))]
}
