// How much of one text is code. Fenced blocks are told from the rest, and both are judged in blocks of a few lines, so
// that a question which quotes a little code stays a question.
//
//   text -> fenced | unfenced -> blocks -> model's score, with a lean towards what a fence says -> characters of code
//
// A fence alone makes no code: what stands in it must not read like prose.
import type { CodeModel } from './code-model.ts'
import { languageOfFence } from './names.ts'

/** Long enough for the model to be sure, short enough to find a quote. */
const BLOCK_CHARACTERS = 300
const SHORT_BLOCK = 90
/** A word or two look like code as much as like anything. */
const FEWEST_CHARACTERS = 12
/** Added to the log-odds of what stands between fences. */
const FENCE_LEAN = { named: 2, bare: 1, prose: -1 }
const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n`]*$/gm
/** Fences looked at in one text. */
const MAX_FENCES = 256

export interface TextJudgement {
  readonly characters: number
  readonly codeCharacters: number
  /** Fenced blocks that are code. */
  readonly fences: number
  /** A part of the code, for the model of languages. */
  readonly codeSample: string
  readonly proseSample: string
  /** What the fences say it is. */
  readonly fenceLanguage: string | null
}

export function judgeText(text: string, model: CodeModel): TextJudgement {
  const judge = new Judge(model)
  for (const part of partsOf(text)) judge.take(part)
  return judge.judgement()
}

interface Part {
  readonly text: string
  /** Null: not fenced. Empty: the fence names nothing. */
  readonly fence: string | null
}

const SAMPLE_CHARACTERS = 2048

class Judge {
  readonly #model: CodeModel
  #characters = 0
  #codeCharacters = 0
  #fences = 0
  #code = ''
  #prose = ''
  #fenceLanguage: string | null = null

  constructor(model: CodeModel) {
    this.#model = model
  }

  take({ text, fence }: Part): void {
    const language = fence === null ? null : languageOfFence(fence)
    const lean = leanOf(fence, language)
    let hasCode = false
    for (const block of blocksOf(text)) {
      const size = visibleLength(block)
      const isCode = size >= FEWEST_CHARACTERS && this.#model.scoreOf(block) + lean > 0
      this.#characters += size
      if (!isCode) {
        if (this.#prose.length < SAMPLE_CHARACTERS) this.#prose += block
        continue
      }
      hasCode = true
      this.#codeCharacters += size
      if (this.#code.length < SAMPLE_CHARACTERS) this.#code += block
    }
    if (fence === null || !hasCode) return
    this.#fences += 1
    this.#fenceLanguage ??= language === 'prose' ? null : language
  }

  judgement(): TextJudgement {
    return {
      characters: this.#characters,
      codeCharacters: this.#codeCharacters,
      fences: this.#fences,
      codeSample: this.#code,
      proseSample: this.#prose,
      fenceLanguage: this.#fenceLanguage,
    }
  }
}

function leanOf(fence: string | null, language: string | null): number {
  if (fence === null) return 0
  if (language === 'prose') return FENCE_LEAN.prose
  return language === null ? FENCE_LEAN.bare : FENCE_LEAN.named
}

/** A fence that is never closed goes on to the end, as readers of Markdown have it. */
function partsOf(text: string): Part[] {
  if (!text.includes('```') && !text.includes('~~~')) return [{ text, fence: null }]
  const parts: Part[] = []
  let from = 0
  let open: { readonly mark: string; readonly name: string } | null = null
  let count = 0
  for (const { 0: line, 1: mark = '', 2: name = '', index } of text.matchAll(FENCE)) {
    const isClosing: boolean = open !== null && name === '' && mark.startsWith(open.mark)
    if (open !== null && !isClosing) continue
    parts.push({ text: text.slice(from, index), fence: open?.name ?? null })
    from = index + line.length + 1
    open = isClosing ? null : { mark, name }
    if (++count >= MAX_FENCES) break
  }
  parts.push({ text: text.slice(from), fence: open?.name ?? null })
  return parts.filter((part) => part.text.trim() !== '')
}

/** Whole lines together, and a paragraph by itself where it is long enough; a line longer than a block is cut. */
function blocksOf(text: string): string[] {
  const blocks: string[] = []
  let start = 0
  while (start < text.length) {
    const end = endOfBlock(text, start)
    blocks.push(text.slice(start, end))
    start = end
  }
  const last = blocks.at(-1) ?? ''
  if (blocks.length < 2 || last.trim().length >= SHORT_BLOCK) return blocks
  const joined = (blocks.at(-2) ?? '') + last
  return [...blocks.slice(0, -2), joined]
}

function endOfBlock(text: string, start: number): number {
  const paragraph = text.indexOf('\n\n', start + SHORT_BLOCK)
  const least = start + BLOCK_CHARACTERS
  if (paragraph !== -1 && paragraph < least) return paragraph + 2
  if (least >= text.length) return text.length
  const newline = text.indexOf('\n', least)
  return newline !== -1 && newline < least + BLOCK_CHARACTERS ? newline + 1 : least
}

/** Indentation and blank lines weigh nothing. */
function visibleLength(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x20) count += 1
  return count
}
