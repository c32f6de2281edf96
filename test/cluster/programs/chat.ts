// An application in a pod: the official openai SDK with nothing but its environment.
//   node chat.mjs once    one call, prints the answer, exits 0 (init containers, Jobs)
//   node chat.mjs serve   port 3000: GET /ask?model=M[&stream=1][&say=TEXT[&times=N]][&picture=1],
//                         POST /load/start, GET /load, POST /tell?model=M
// /tell streams on its own and prints what it heard; on SIGTERM the application ends after what it is still told.
import { createServer, type ServerResponse } from 'node:http'
import { APIError, OpenAI } from 'openai'

const LOAD_INTERVAL_MS = 20
const MAX_KEPT = 100
const PICTURE = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }

interface Load {
  calls: number
  failures: string[]
  /** Each time the answering model changes: when its first answer came. */
  readonly changes: { readonly atMs: number; readonly text: string }[]
  /** Between one answer and the next. */
  longestPauseMs: number
  newestMs: number
}

/** Null while nothing gives the application a key: it runs and cannot ask. */
const client = process.env['OPENAI_API_KEY'] === undefined ? null : new OpenAI({ maxRetries: 0 })
const telling: Promise<void>[] = []
const load: Load = { calls: 0, failures: [], changes: [], longestPauseMs: 0, newestMs: 0 }

if (process.argv[2] === 'once') await once()
else serve()

async function once(): Promise<void> {
  if (client === null) return console.log('nobody to ask')
  console.log(`answer=${await ask('auto', false)} key=${process.env['OPENAI_API_KEY'] ?? ''}`)
}

function serve(): void {
  const server = createServer((request, response) => {
    handle(request.method ?? 'GET', new URL(request.url ?? '/', 'http://pod'), response).catch((error: unknown) => {
      send(response, 502, refusalOf(error))
    })
  })
  server.listen(3000)
  process.on('SIGTERM', () => void Promise.allSettled(telling).then(() => process.exit(0)))
}

async function handle(method: string, url: URL, response: ServerResponse): Promise<void> {
  if (url.pathname === '/ask') {
    const answer = await ask(url.searchParams.get('model') ?? 'auto', url.searchParams.has('stream'), {
      say: url.searchParams.get('say')?.repeat(Number(url.searchParams.get('times') ?? '1')),
      hasPicture: url.searchParams.has('picture'),
    })
    return send(response, 200, { text: answer, key: process.env['OPENAI_API_KEY'], url: client?.baseURL })
  }
  if (url.pathname === '/load/start' && method === 'POST') {
    startLoad()
    return send(response, 200, {})
  }
  if (url.pathname === '/tell' && method === 'POST') {
    telling.push(tell(url.searchParams.get('model') ?? 'auto'))
    return send(response, 200, {})
  }
  return send(response, 200, load)
}

interface Manner {
  readonly say?: string | undefined
  readonly hasPicture?: boolean
  readonly onBegin?: () => void
}

async function ask(model: string, isStreaming: boolean, { say, hasPicture, onBegin }: Manner = {}): Promise<string> {
  if (client === null) throw new Error('nobody to ask')
  const text = say ?? 'Who are you?'
  const content = hasPicture === true ? [{ type: 'text' as const, text }, PICTURE] : text
  const messages = [{ role: 'user' as const, content }]
  if (!isStreaming) {
    const completion = await client.chat.completions.create({ model, messages })
    return completion.choices[0]?.message.content ?? ''
  }
  let answer = ''
  const stream = await client.chat.completions.create({ model, messages, stream: true })
  for await (const chunk of stream) {
    const words = chunk.choices[0]?.delta.content ?? ''
    if (answer === '' && words !== '') onBegin?.()
    answer += words
  }
  return answer
}

async function tell(model: string): Promise<void> {
  const onBegin = () => console.log('telling')
  const end = await ask(model, true, { onBegin }).catch((error: unknown) => `broken off: ${String(error)}`)
  console.log(`told=${end}`)
}

/** What the SDK makes of a refusal. */
function refusalOf(error: unknown): object {
  if (!(error instanceof APIError)) return { error: String(error) }
  return { status: error.status, code: error.code, error: error.message }
}

function startLoad(): void {
  let isBusy = false
  setInterval(() => {
    if (isBusy) return
    isBusy = true
    ask('auto', load.calls % 2 === 1)
      .then(recordAnswer, (error: unknown) => load.failures.length < MAX_KEPT && load.failures.push(String(error)))
      .finally(() => {
        load.calls += 1
        isBusy = false
      })
  }, LOAD_INTERVAL_MS)
}

function recordAnswer(text: string): void {
  const atMs = Date.now()
  if (load.changes.at(-1)?.text !== text && load.changes.length < MAX_KEPT) load.changes.push({ atMs, text })
  if (load.newestMs > 0) load.longestPauseMs = Math.max(load.longestPauseMs, atMs - load.newestMs)
  load.newestMs = atMs
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
