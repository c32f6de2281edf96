// The soak of batches: many callers of embeddings, completions and questions at once, against a provider that refuses
// items, fails, breaks off, answers half or nonsense, while some callers hang up. Whoever gets an answer gets its own.
//
//   node test/soak/batches.ts [CALLS]
import { request } from 'node:http'
import { makeTable, startProxy, type ProxyRig } from '../support/proxy-rig.ts'
import { embeds, itemsOf, vectorOf } from '../support/embedding-models.ts'
import { answerTo, MISTAKES, repliesTo } from '../support/question-models.ts'
import { answers, breaksAfter, resets, Upstream, type Behaviour } from '../support/upstream.ts'
import { seeded, type Random } from '../bench/savings/chance.ts'
import { inTurn } from '../bench/savings/replay.ts'

const WIDTH = 48
const GONE_SHARE = 0.05
const FAULT_SHARE = 0.15
const BAD_SHARE = 0.02
const NONSENSE = ['{"data":[{"index":0,"embedding":[1]}]}', '<html>']

export interface Outcome {
  readonly answered: number
  readonly refused: number
  readonly gone: number
  /** Sentences about answers that were not the caller's own. */
  readonly wrong: readonly string[]
  readonly upstreamCalls: number
}

interface Call {
  readonly path: string
  readonly body: object
  /** Null: as it should be; the answer that came, where it is not. */
  readonly check: (text: string) => string | null
}

export async function soakBatches(calls: number, seed: number): Promise<Outcome> {
  const random = seeded(seed)
  const upstream = await Upstream.start()
  upstream.usual = moody(random)
  const limits = { waitMs: 3, maxSize: 16, maxTokens: 4000 }
  const batch = { embeddings: limits, completions: limits, chat: { ...limits, maxQuestionTokens: 200 } }
  const table = makeTable({
    targets: { a: { url: upstream.url }, b: { url: upstream.url } },
    routes: [{ backends: ['a', { target: 'b', tier: 1 }], batch, failover: { attempts: 2 } }],
  })
  const rig = await startProxy({ table })
  const results = await inTurn(
    Array.from({ length: calls }, (_, index) => index),
    WIDTH,
    (index) => send(rig, makeCall(index, random), random() < GONE_SHARE),
  )
  const upstreamCalls = upstream.requests.length
  await rig.stop()
  await upstream.stop()
  const count = (kind: string) => results.filter((result) => result === kind).length
  const wrong = results.filter((result) => !['answered', 'refused', 'gone'].includes(result))
  return { answered: count('answered'), refused: count('refused'), gone: count('gone'), wrong, upstreamCalls }
}

/** Good most of the time. */
function moody(random: Random): Behaviour {
  const chat = repliesTo({
    mistakesIn: () => (random() < 0.3 ? [MISTAKES[Math.floor(random() * MISTAKES.length)] ?? 'leaves one out'] : []),
  })
  const vectors = embeds({ refuses: { word: 'bad', status: 400 } })
  const faults: readonly Behaviour[] = [
    answers({ error: { message: 'busy', type: 'server_error' } }, 503),
    answers({ error: { message: 'oops', type: 'server_error' } }, 500),
    answers({ error: { message: 'slow down', type: 'rate_limit_error' } }, 429),
    ...NONSENSE.map((text) => answers(text)),
    resets,
    breaksAfter('{"data":['),
  ]
  return (response, seen) => {
    const fault = random() < FAULT_SHARE ? faults[Math.floor(random() * faults.length)] : undefined
    if (fault !== undefined) return fault(response, seen)
    if (seen.url.endsWith('/embeddings')) return vectors(response, seen)
    return seen.url.endsWith('/chat/completions') ? chat(response, seen) : completes(response, seen)
  }
}

const completes: Behaviour = (response, seen) => {
  const choices = itemsOf(seen).map((item, index) => ({ text: `to ${String(item)}`, index, finish_reason: 'stop' }))
  answers({ object: 'text_completion', choices, usage: { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 } })(
    response,
    seen,
  )
}

/** Answers of one text each, but for lists of two. */
function makeCall(index: number, random: Random): Call {
  const text = `${random() < BAD_SHARE ? 'bad ' : ''}text ${index}`
  const kind = Math.floor(random() * 4)
  if (kind === 0) return chatCall(text)
  if (kind === 1) return completionCall(text)
  const texts = kind === 2 ? [text] : [text, `second ${index}`]
  return embeddingCall(texts, random() < 0.5)
}

function chatCall(text: string): Call {
  const system = 'Be brief.'
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: text },
  ]
  const check = (said: string) => {
    const { choices } = JSON.parse(said) as { choices: { message: { content: string } }[] }
    return choices[0]?.message.content === answerTo(text, system) ? null : said
  }
  return { path: '/v1/chat/completions', body: { model: 'm', temperature: 0, messages }, check }
}

function completionCall(prompt: string): Call {
  const check = (said: string) => {
    const { choices } = JSON.parse(said) as { choices: { text: string; index: number }[] }
    return JSON.stringify(choices.map((each) => [each.index, each.text])) === JSON.stringify([[0, `to ${prompt}`]])
      ? null
      : said
  }
  return { path: '/v1/completions', body: { model: 'm', prompt, temperature: 0 }, check }
}

function embeddingCall(texts: readonly string[], isBase64: boolean): Call {
  const check = (said: string) => {
    const { data } = JSON.parse(said) as { data: { embedding: string | number[]; index: number }[] }
    const vectors = data.map(({ embedding }) => {
      if (typeof embedding !== 'string') return embedding
      const bytes = Buffer.from(embedding, 'base64')
      return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
    })
    return JSON.stringify(vectors) === JSON.stringify(texts.map((text) => vectorOf(text))) ? null : said
  }
  const body = { model: 'm', input: texts, encoding_format: isBase64 ? 'base64' : 'float' }
  return { path: '/v1/embeddings', body, check }
}

function send({ url }: ProxyRig, { path, body, check }: Call, leaves: boolean): Promise<string> {
  return new Promise((resolve) => {
    const call = request(url + path, { method: 'POST' }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve('refused'))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        if ((response.statusCode ?? 0) >= 400) return resolve('refused')
        const wrong = wrongIn(text, check)
        // What the provider says to a call of its own goes on as it came, nonsense included.
        const isOwn = response.headers['x-modelroute-batch'] === undefined
        resolve(isOwn && NONSENSE.includes(text) ? 'refused' : wrong)
      })
    })
    call.on('error', () => resolve('gone'))
    call.end(JSON.stringify(body))
    if (leaves) setTimeout(() => call.destroy(), 2)
  })
}

function wrongIn(text: string, check: Call['check']): string {
  try {
    const wrong = check(text)
    return wrong === null ? 'answered' : `wrong: ${wrong}`
  } catch {
    return `unreadable: ${text}`
  }
}

async function main(): Promise<void> {
  const outcome = await soakBatches(Number(process.argv[2] ?? 20_000), 1)
  process.stdout.write(
    `${JSON.stringify({ ...outcome, wrong: outcome.wrong.slice(0, 5), wrongCount: outcome.wrong.length }, null, 2)}\n`,
  )
  process.exitCode = outcome.wrong.length === 0 ? 0 : 1
}

if (import.meta.main) await main()
