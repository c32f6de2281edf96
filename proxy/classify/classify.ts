// What a call is: code, text, a picture or sound, with the evidence. Pure; reads of long calls are bounded.
//
//   sound anywhere -> Audio | a picture anywhere -> Image      a model that cannot hear or see would refuse the call
//   `model_type` that names a kind, on the prompt dialect      the application says so itself
//   else: share of code over the turns, the newest of the user's first -> Code | Text
//
// A newest turn of few words ("now fix it") leaves the say to the turns before it. Evidence is numbers and words of
// this folder, never text of the call: it goes into the record of the exchange.
import type { Call } from '../exchange.ts'
import type { CodeModel } from './code-model.ts'
import type { LanguageTeller } from './human-language.ts'
import { type Content, contentOfModelType, languageOfFile, mediaOfFile } from './names.ts'
import type { CallReading, Turn } from './reading/read-call.ts'
import type { MediaKind, Piece } from './reading/pieces.ts'
import { readText } from './reading/texts.ts'
import { judgeText, type TextJudgement } from './text-kind.ts'

export interface Classification {
  readonly content: Content
  /** Of what was said, weighed; between 0 and 1. */
  readonly codeShare: number
  readonly programmingLanguage: string | null
  /** What people wrote in, by ISO 639-1. */
  readonly language: string | null
  readonly images: number
  readonly sounds: number
  /** In the order in which it was found. */
  readonly evidence: readonly string[]
}

export interface ClassifyDeps {
  readonly model: CodeModel
  readonly languageOf: LanguageTeller
}

/** Bytes read of the newest turn of the user, and of each other one that has a say. */
export const NEWEST_BYTES = 8 * 1024
const OTHER_BYTES = 2 * 1024
/** Turns that have a say, counted from the newest. */
const MAX_TURNS = 6
/** Texts read of one turn. */
const MAX_PIECES_READ = 32
/** From this share of code on a call is code; with a suffix to fill in before, code is likelier from the start. */
const CODE_SHARE = 0.5
const CODE_SHARE_WITH_SUFFIX = 0.15
/** A turn of fewer visible characters has less of a say. */
const FULL_SAY_CHARACTERS = 80
/** Say of the turns before the newest, halved with each. */
const OLDER_SAY = { user: 0.4, tool: 0.2, assistant: 0.2, system: 0.05 }
/** What an attached program counts for, in characters. */
const ATTACHED_CHARACTERS = 1000

export function classify({ received, model }: Call, reading: CallReading, deps: ClassifyDeps): Classification {
  const media = countMedia(reading)
  const said = weigh(reading, deps)
  const evidence = [...mediaEvidence(media), ...said.evidence]
  const declared = received.place.dialect.name === 'Prompt' ? contentOfModelType(model) : null
  const codeFrom = reading.hasSuffix ? CODE_SHARE_WITH_SUFFIX : CODE_SHARE
  const words: Content = said.codeShare >= codeFrom ? 'Code' : 'Text'
  if (reading.hasSuffix) evidence.push('a suffix, as editors send it')
  if (declared !== null) evidence.push(`model_type says ${declared}`)
  const content = media.audio > 0 ? 'Audio' : media.image > 0 ? 'Image' : (declared ?? words)
  const { codeShare, programmingLanguage, language } = said
  return { content, codeShare, programmingLanguage, language, images: media.image, sounds: media.audio, evidence }
}

type MediaCounts = Record<MediaKind, number>

/** Files that say by their names what they are count as that. */
function countMedia({ turns, body }: CallReading): MediaCounts {
  const counts: MediaCounts = { image: 0, audio: 0, document: 0 }
  for (const { pieces } of turns) {
    for (const piece of pieces) if (piece.media !== null) counts[piece.media] += 1
    const named =
      counts.document === 0
        ? null
        : fileNames(pieces, body)
            .map(mediaOfFile)
            .find((kind) => kind !== null)
    if (named) counts[named] += 1
  }
  return counts
}

function mediaEvidence(counts: MediaCounts): string[] {
  return (['audio', 'image', 'document'] as const).flatMap((kind) =>
    counts[kind] === 0 ? [] : [`${kind} parts: ${counts[kind]}`],
  )
}

const FILE_LABELS: ReadonlySet<string> = new Set(['filename', 'displayName', 'display_name', 'title'])
const MAX_FILE_NAME_BYTES = 512

function fileNames(pieces: readonly Piece[], body: CallReading['body']): string[] {
  return pieces
    .filter(({ label, use }) => use === 'text' && label !== null && FILE_LABELS.has(label))
    .map(({ span }) => readText(body, span, MAX_FILE_NAME_BYTES).text)
}

interface Said {
  readonly codeShare: number
  readonly programmingLanguage: string | null
  readonly language: string | null
  readonly evidence: readonly string[]
}

function weigh(reading: CallReading, deps: ClassifyDeps): Said {
  const speakers = turnsWithSay(reading)
  const totals = { say: 0, code: 0 }
  const evidence: string[] = []
  let best: TextJudgement | null = null
  let prose = ''
  for (const { turn, say, maxBytes, name } of speakers) {
    const judged = judgeTurn(turn, reading, { deps, maxBytes })
    if (judged.characters === 0) continue
    const share = judged.codeCharacters / judged.characters
    const weight = say * Math.min(1, judged.characters / FULL_SAY_CHARACTERS) ** 2
    totals.say += weight
    totals.code += weight * share
    evidence.push(turnEvidence(name, judged, share))
    if (best === null || (best.codeCharacters === 0 && judged.codeCharacters > 0)) best = judged
    if (prose === '') prose = judged.proseSample
  }
  return {
    codeShare: totals.say === 0 ? 0 : totals.code / totals.say,
    programmingLanguage: best === null ? null : programmingLanguageOf(best, deps.model),
    language: prose === '' ? null : deps.languageOf(prose),
    evidence,
  }
}

function programmingLanguageOf({ fenceLanguage, codeSample }: TextJudgement, model: CodeModel): string | null {
  if (codeSample === '') return null
  return fenceLanguage ?? model.languageOf(codeSample)
}

function turnEvidence(name: string, { fences, codeCharacters, characters }: TextJudgement, share: number): string {
  const fenced = fences === 0 ? '' : `, ${fences} fenced`
  return `${name}: ${Math.round(share * 100)} % code (${codeCharacters} of ${characters} characters${fenced})`
}

interface Speaking {
  readonly turn: Turn
  readonly say: number
  readonly maxBytes: number
  readonly name: string
}

/** The newest turn of the user in full, and less and less of what came before it. */
function turnsWithSay({ turns }: CallReading): readonly Speaking[] {
  const newest = turns.findLastIndex(({ speaker, pieces }) => speaker === 'user' && pieces.some(isWords))
  const speaking: Speaking[] = []
  let fade = 1
  for (let index = turns.length - 1; index >= 0 && speaking.length < MAX_TURNS; index -= 1) {
    const turn = turns[index]
    if (turn === undefined) continue
    if (index === newest) {
      speaking.unshift({ turn, say: 1, maxBytes: NEWEST_BYTES, name: 'newest turn of the user' })
      continue
    }
    const say = OLDER_SAY[turn.speaker] * (turn.speaker === 'system' ? 1 : fade)
    speaking.push({ turn, say, maxBytes: OTHER_BYTES, name: `turn ${index + 1} (${turn.speaker})` })
    if (turn.speaker !== 'system') fade /= 2
  }
  return speaking
}

function isWords({ use, isTools }: Piece): boolean {
  return use === 'text' && !isTools
}

function judgeTurn(
  { pieces, speaker }: Turn,
  { body }: CallReading,
  { deps, maxBytes }: { readonly deps: ClassifyDeps; readonly maxBytes: number },
): TextJudgement {
  const words = pieces.filter((piece) => piece.use === 'text' && (speaker !== 'user' || !piece.isTools))
  const texts = words.filter(({ label }) => label === null || !FILE_LABELS.has(label)).slice(-MAX_PIECES_READ)
  const share = Math.floor(maxBytes / Math.max(1, texts.length))
  const judged = judgeText(texts.map(({ span }) => readText(body, span, share).text).join('\n\n'), deps.model)
  const attached = pieces.some(({ media }) => media === 'document') ? attachedProgram(pieces, body) : null
  if (attached === null) return judged
  return {
    ...judged,
    characters: judged.characters + ATTACHED_CHARACTERS,
    codeCharacters: judged.codeCharacters + ATTACHED_CHARACTERS,
    fenceLanguage: attached,
  }
}

function attachedProgram(pieces: readonly Piece[], body: CallReading['body']): string | null {
  return (
    fileNames(pieces, body)
      .map(languageOfFile)
      .find((language) => language !== null) ?? null
  )
}
