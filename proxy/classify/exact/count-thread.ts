// Entry of the thread that counts tokens with OpenAI's own vocabularies, which take seconds and 80 MB to load and must
// not do so where calls are served. One question after the other; text that looks like a special token is text.
import { parentPort } from 'node:worker_threads'
import type { CountQuestion, CountReply, Encoding } from './messages.ts'

type CountTokens = (text: string, options: { readonly disallowedSpecial: Set<string> }) => number

const LOADERS: Readonly<Record<Encoding, () => Promise<CountTokens>>> = {
  o200k: async () => (await import('gpt-tokenizer/encoding/o200k_base')).countTokens,
  cl100k: async () => (await import('gpt-tokenizer/encoding/cl100k_base')).countTokens,
}

serveCounts()

function serveCounts(): void {
  const loaded = new Map<Encoding, Promise<CountTokens>>()
  parentPort?.on('message', (question: CountQuestion) => {
    const counter = loaded.get(question.encoding) ?? LOADERS[question.encoding]()
    loaded.set(question.encoding, counter)
    counter
      .then((countTokens) => totalOf(question.texts, countTokens))
      .then(
        (tokens) => reply({ id: question.id, tokens }),
        () => reply({ id: question.id, tokens: null }),
      )
  })
}

function totalOf(texts: readonly string[], countTokens: CountTokens): number {
  const disallowedSpecial = new Set<string>()
  return texts.reduce((sum, text) => sum + countTokens(text, { disallowedSpecial }), 0)
}

function reply(message: CountReply): void {
  parentPort?.postMessage(message)
}
