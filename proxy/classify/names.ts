// Names that say what something is: the word after a fence, the ending of a file's name, the kind of model that a
// prompt asks for. Data; words that are not here say nothing.

const FENCES: Readonly<Record<string, string>> = wordsOf({
  assembly: 'asm nasm assembly',
  awk: 'awk',
  c: 'c h',
  'c#': 'c# cs csharp',
  'c++': 'c++ cpp cc hpp cxx',
  cmake: 'cmake',
  css: 'css scss less',
  dockerfile: 'dockerfile docker',
  go: 'go golang',
  haskell: 'haskell hs',
  html: 'html htm vue svelte',
  java: 'java',
  javascript: 'js javascript jsx mjs cjs node',
  json: 'json jsonc json5',
  kotlin: 'kotlin kt kts',
  lua: 'lua',
  makefile: 'makefile make mk',
  'objective-c': 'objc objective-c m mm',
  perl: 'perl pl pm',
  php: 'php',
  powershell: 'powershell ps1 pwsh',
  protobuf: 'proto protobuf',
  python: 'python py python3 pyi ipynb',
  r: 'r',
  ruby: 'ruby rb',
  rust: 'rust rs',
  scala: 'scala',
  shell: 'sh bash zsh shell fish',
  sql: 'sql mysql postgresql psql sqlite',
  starlark: 'starlark bzl bazel',
  swift: 'swift',
  tcl: 'tcl',
  terraform: 'hcl terraform tf',
  toml: 'toml',
  typescript: 'ts typescript tsx mts',
  'vim script': 'vim viml',
  xml: 'xml svg',
  yaml: 'yaml yml',
  prose: 'text txt plain plaintext markdown md log output quote',
})

/** Endings that are programs; configuration and markup may be anything. */
const NOT_PROGRAMS: ReadonlySet<string> = new Set(['prose', 'json', 'toml', 'xml', 'yaml'])

/** `prose`: what stands there is meant as text. Null: a word that says nothing. */
export function languageOfFence(word: string): string | null {
  const name = word.toLowerCase()
  return Object.hasOwn(FENCES, name) ? (FENCES[name] ?? null) : null
}

/** Of a file's name: its programming language; null: it is no program's. */
export function languageOfFile(name: string): string | null {
  const ending = /\.([a-z0-9+]{1,6})$/i.exec(name)?.[1] ?? ''
  const language = languageOfFence(ending)
  return language === null || NOT_PROGRAMS.has(language) ? null : language
}

const PICTURE_FILE = /\.(?:png|jpe?g|gif|webp|bmp|tiff?|heic|svg)$/i
const SOUND_FILE = /\.(?:mp3|wav|flac|ogg|opus|m4a|aac|webm)$/i

export function mediaOfFile(name: string): 'image' | 'audio' | null {
  if (PICTURE_FILE.test(name)) return 'image'
  return SOUND_FILE.test(name) ? 'audio' : null
}

export const CONTENTS = ['Code', 'Text', 'Image', 'Audio'] as const
export type Content = (typeof CONTENTS)[number]

const KINDS_OF_MODEL: Readonly<Record<string, string>> = wordsOf({
  Code: 'code coder coding code-completion code_completion codegen program programming',
  Text: 'text chat general language writing translation summary summarization',
  Image: 'image images image-caption image_caption caption captioning vision vl multimodal picture',
  Audio: 'audio speech voice asr transcription sound',
})

/** What a prompt says that it wants in `model_type`; null: a name of a model, or `auto`. */
export function contentOfModelType(word: string): Content | null {
  const name = word.toLowerCase()
  const content = Object.hasOwn(KINDS_OF_MODEL, name) ? KINDS_OF_MODEL[name] : undefined
  return CONTENTS.find((each) => each === content) ?? null
}

/** The meaning by each of its words. */
function wordsOf(table: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(table).flatMap(([meaning, words]) => words.split(' ').map((word) => [word, meaning])),
  )
}
