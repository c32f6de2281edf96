// The older completions in one call: a list of prompts in place of several calls, each with its own answers.
import { afterEach, beforeEach, expect, it, test } from 'vitest'
import type { DialectName } from '../../../proxy/table/schema.ts'
import { makeTable, startProxy, type ProxyRig } from '../../support/proxy-rig.ts'
import { answers, type Behaviour, Upstream } from '../../support/upstream.ts'

let upstream: Upstream
let rig: ProxyRig

beforeEach(async () => {
  upstream = await Upstream.start()
  upstream.usual = completes()
  rig = await startProxy()
})

afterEach(async () => {
  await rig.stop()
  await upstream.stop()
})

interface Asked {
  readonly prompt: string | readonly (string | readonly number[])[]
  readonly n?: number
}

const promptsOf = ({ body }: { readonly body: string }) => {
  const { prompt } = JSON.parse(body) as Asked
  return typeof prompt === 'string' || typeof prompt[0] === 'number' ? [prompt] : prompt
}

/** Every prompt gets its own text, `n` times; a token for each byte of it. */
function completes(finishReason: (prompt: unknown) => string = () => 'stop'): Behaviour {
  return (response, request) => {
    const { n = 1 } = JSON.parse(request.body) as Asked
    const prompts = promptsOf(request)
    const texts = prompts.flatMap((prompt) =>
      Array.from({ length: n }, (_, at) => ({ prompt, text: said(prompt, at) })),
    )
    const choices = texts.map(({ prompt, text }, index) => {
      return { text, index, logprobs: null, finish_reason: finishReason(prompt) }
    })
    const [asked, answered] = [prompts.length * 10, texts.reduce((sum, { text }) => sum + text.length, 0)]
    const usage = { prompt_tokens: asked, completion_tokens: answered, total_tokens: asked + answered }
    answers({ id: 'cmpl-1', object: 'text_completion', model: 'x', choices: choices.toReversed(), usage })(
      response,
      request,
    )
  }
}

const said = (prompt: unknown, at: number) => `${JSON.stringify(prompt)} answered ${'!'.repeat(at)}`

function aim(maxSize: number, dialect: DialectName = 'OpenAI', on?: readonly ['Truncated']): void {
  const batch = { completions: { waitMs: 20, maxSize, maxTokens: 1000 } }
  const failover = on === undefined ? {} : { failover: { on } }
  const routes = [{ backends: ['a'], batch, ...failover }]
  rig.tables.swap(makeTable({ targets: { a: { url: upstream.url, dialect } }, routes }))
}

interface Said {
  readonly choices: readonly { readonly text: string; readonly index: number }[]
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number }
}

async function ask(prompt: Asked['prompt'] | readonly number[], more: object = {}): Promise<Said> {
  const body = JSON.stringify({ model: 'm', prompt, max_tokens: 9, temperature: 0, ...more })
  const response = await fetch(`${rig.url}/v1/completions`, { method: 'POST', body })
  return (await response.json()) as Said
}

test('every caller gets the choices of its own prompts, numbered from nought, and a share of the tokens', async () => {
  aim(4)
  const replies = await Promise.all([ask('one'), ask(['two', 'three']), ask('four')])
  expect(upstream.requests.map(promptsOf)).toEqual([['one', 'two', 'three', 'four']])
  const texts = replies.map(({ choices }) => choices.map(({ text, index }) => [index, text]))
  expect(texts).toEqual([
    [[0, said('one', 0)]],
    [
      [0, said('two', 0)],
      [1, said('three', 0)],
    ],
    [[0, said('four', 0)]],
  ])
  const usages = replies.map(({ usage }) => usage)
  expect(usages.every((one) => one.total_tokens === one.prompt_tokens + one.completion_tokens)).toBe(true)
  expect(usages.reduce((sum, one) => sum + one.prompt_tokens, 0)).toBe(40)
  expect(usages.reduce((sum, one) => sum + one.completion_tokens, 0)).toBe(texts.flat(2).join('').length - 4)
})

test('several answers to each prompt, and prompts in tokens', async () => {
  aim(2)
  const two = await Promise.all([ask('one', { n: 2 }), ask('two', { n: 2 })])
  const tokens = await Promise.all([ask([1, 2, 3]), ask([4])])
  expect(upstream.requests).toHaveLength(2)
  expect(two.map(({ choices }) => choices.map(({ text }) => text))).toEqual(
    ['one', 'two'].map((prompt) => [said(prompt, 0), said(prompt, 1)]),
  )
  expect(tokens.map(({ choices }) => choices[0]?.text)).toEqual([said([1, 2, 3], 0), said([4], 0)])
})

it.each<[what: string, more: object, dialect: DialectName]>([
  ['a seed, for which the place in the list would matter', { seed: 1 }, 'OpenAI'],
  ['a stream', { stream: true }, 'OpenAI'],
  ['more answers than a call may have', { n: 100 }, 'OpenAI'],
])('%s goes alone', async (_, more, dialect) => {
  aim(2, dialect)
  const send = (prompt: string) =>
    fetch(`${rig.url}/v1/completions`, { method: 'POST', body: JSON.stringify({ model: 'm', prompt, ...more }) })
  await Promise.all([send('one'), send('two')])
  expect(upstream.requests).toHaveLength(2)
})

test('a prompt that is filtered is asked for alone and fails nobody else', async () => {
  aim(2)
  upstream.usual = completes((prompt) => (prompt === 'bad' ? 'content_filter' : 'stop'))
  const replies = await Promise.all([ask('good'), ask('bad')])
  expect(replies.map(({ choices }) => choices[0]?.text)).toEqual([said('good', 0), said('bad', 0)])
  expect(upstream.requests.map(promptsOf).slice(1)).toContainEqual(['bad'])
})
