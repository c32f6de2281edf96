// Texts to calibrate the estimate on and to judge it by: pieces of about 1 KiB of what collect.ts found (English,
// other European languages, Chinese, code) and of files of JSON.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { hashOf, isHeldOut, samplesIn } from '../classification/corpus.ts'
import { chunkOf, createRandom } from '../classification/random.ts'

export const KINDS = ['English', 'European', 'Chinese', 'Code', 'JSON'] as const
export type Kind = (typeof KINDS)[number]

export interface Text {
  readonly kind: Kind
  readonly text: string
  readonly isHeldOut: boolean
}

const PIECES_PER_KIND = 900
const PIECE_CHARACTERS: Readonly<Record<Kind, number>> = {
  English: 1024,
  European: 900,
  Chinese: 400,
  Code: 1024,
  JSON: 1024,
}
const EUROPEAN = /^(?:man|messages)-(?:de|fr|es|it|pt|nl|pl|ru|sv|cs)/
const HAN = /[\u3400-\u9fff]/g
const LEAST_HAN_SHARE = 0.3
const MAX_FILES_PER_FOLDER = 2

export function readTexts(samplesPath: string, folders: readonly string[]): readonly Text[] {
  const random = createRandom(5)
  const whole = [...fromSamples(samplesPath), ...jsonFiles(folders)]
  return KINDS.flatMap((kind) => {
    const files = whole.filter((text) => text.kind === kind)
    const pieces: Text[] = []
    for (let turn = 0; pieces.length < PIECES_PER_KIND && turn < PIECES_PER_KIND * 4; turn += 1) {
      const file = files[Math.floor(random() * files.length)]
      if (file === undefined) break
      const text = chunkOf(file.text, PIECE_CHARACTERS[kind], random)
      if (text.length > 200 && (kind !== 'Chinese' || isChinese(text))) pieces.push({ ...file, text })
    }
    return pieces
  })
}

function isChinese(text: string): boolean {
  return (text.match(HAN)?.length ?? 0) >= text.length * LEAST_HAN_SHARE
}

function fromSamples(path: string): readonly Text[] {
  return samplesIn(path).flatMap((sample) => {
    const { source, kind: side, text } = sample
    const kind =
      side === 'code'
        ? 'Code'
        : /-zh|^corpus-zh|^reviews$/.test(source)
          ? 'Chinese'
          : EUROPEAN.test(source)
            ? 'European'
            : null
    const isEnglish = source === 'licence' || source === 'documentation' || source === 'man-en' || source === 'brown'
    const told = kind ?? (isEnglish ? 'English' : null)
    return told === null ? [] : [{ kind: told, text, isHeldOut: isHeldOut(sample) }]
  })
}

function jsonFiles(folders: readonly string[]): readonly Text[] {
  const limits = ['-type', 'f', '-name', '*.json', '-size', '+1k', '-size', '-200k']
  const listed = spawnSync('find', [...folders, ...limits], { maxBuffer: 1 << 28 }).stdout.toString('utf8')
  const taken = new Map<string, number>()
  const paths = listed
    .split('\n')
    .filter(Boolean)
    .toSorted((one, other) => hashOf(one) - hashOf(other))
  const chosen = paths.filter((path) => {
    const count = taken.get(dirname(path)) ?? 0
    taken.set(dirname(path), count + 1)
    return count < MAX_FILES_PER_FOLDER
  })
  return chosen
    .slice(0, 600)
    .map((path) => ({ kind: 'JSON', text: readFileSync(path, 'utf8'), isHeldOut: isHeldOut({ path }) }))
}
