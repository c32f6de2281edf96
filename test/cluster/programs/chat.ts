// An application in a pod: the official openai SDK with nothing but its environment.
//   node chat.mjs once    one call, prints the answer, exits 0 (init containers, Jobs)
//   node chat.mjs serve   port 3000: GET /ask?model=M[&stream=1], POST /load/start, GET /load
import { createServer, type ServerResponse } from 'node:http'
import { OpenAI } from 'openai'

const LOAD_INTERVAL_MS = 20
const MAX_KEPT = 100

interface Load {
  calls: number
  failures: string[]
  /** Each time the answering model changes: when its first answer came. */
  readonly changes: { readonly atMs: number; readonly text: string }[]
  /** When the newest answer of the model before the newest change came. */
  previousLastMs: number
  newestMs: number
}

const client = new OpenAI({ maxRetries: 0 })
const load: Load = { calls: 0, failures: [], changes: [], previousLastMs: 0, newestMs: 0 }

if (process.argv[2] === 'once') await once()
else serve()

async function once(): Promise<void> {
  console.log(`answer=${await ask('auto', false)} key=${process.env['OPENAI_API_KEY'] ?? ''}`)
}

function serve(): void {
  const server = createServer((request, response) => {
    handle(request.method ?? 'GET', new URL(request.url ?? '/', 'http://pod'), response).catch((error: unknown) => {
      send(response, 502, { error: error instanceof Error ? error.message : String(error) })
    })
  })
  server.listen(3000)
  process.on('SIGTERM', () => process.exit(0))
}

async function handle(method: string, url: URL, response: ServerResponse): Promise<void> {
  if (url.pathname === '/ask') {
    const answer = await ask(url.searchParams.get('model') ?? 'auto', url.searchParams.has('stream'))
    return send(response, 200, { text: answer, key: process.env['OPENAI_API_KEY'], url: client.baseURL })
  }
  if (url.pathname === '/load/start' && method === 'POST') {
    startLoad()
    return send(response, 200, {})
  }
  return send(response, 200, load)
}

async function ask(model: string, isStreaming: boolean): Promise<string> {
  const messages = [{ role: 'user' as const, content: 'Who are you?' }]
  if (!isStreaming) {
    const completion = await client.chat.completions.create({ model, messages })
    return completion.choices[0]?.message.content ?? ''
  }
  let text = ''
  const stream = await client.chat.completions.create({ model, messages, stream: true })
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
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
  if (load.changes.at(-1)?.text !== text) {
    load.previousLastMs = load.newestMs
    if (load.changes.length < MAX_KEPT) load.changes.push({ atMs, text })
  }
  load.newestMs = atMs
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
