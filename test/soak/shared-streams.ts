// A thousand applications that ask the same at the same moment, against the real proxy in a process of its own: how
// many calls the provider gets, who gets the whole stream, and what memory the proxy takes for it. With the one that came
// first hanging up in each phase, and with half of them hanging up in mid-stream. Prints Markdown; ends with 1 when an
// answer is lost.
//
//   node test/soak/shared-streams.ts [--callers 1000] [--events 400] [--rounds 1]
import { once } from 'node:events'
import { createServer, request, type ClientRequest, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { makeTable } from '../support/proxy-rig.ts'
import { startProxyProcess, type ProxyProcess } from './proxy-process.ts'

const { values } = parseArgs({
  options: {
    callers: { type: 'string', default: '1000' },
    events: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '1' },
  },
})
const CALLERS = Number(values.callers)
const EVENTS = Number(values.events)
const EVENT_EVERY_MS = 5
const LOOK_EVERY_MS = 20
/** Of the callers of one scene, who hangs up and when. */
const SCENES = ['nobody', 'leader before headers', 'leader before first token', 'leader in mid-stream', 'half'] as const
type Scene = (typeof SCENES)[number]

const event = (delta: object, finish: string | null = null) => {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`
}
const ROLE = event({ role: 'assistant', content: '' })
const END = `${event({}, 'stop')}data: [DONE]\n\n`

/** Streams to whoever asks, phase by phase as the scene lets it. */
class Provider {
  readonly #server = createServer((incoming, response) => {
    incoming.resume()
    this.#serve(response)
  })
  requests = 0
  mayAnswer = Promise.withResolvers<void>()
  mayTell = Promise.withResolvers<void>()

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`
  }

  begin(): void {
    this.requests = 0
    this.mayAnswer = Promise.withResolvers<void>()
    this.mayTell = Promise.withResolvers<void>()
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #serve(response: ServerResponse): void {
    this.requests += 1
    void this.#stream(response)
  }

  async #stream(response: ServerResponse): Promise<void> {
    await this.mayAnswer.promise
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(ROLE)
    await this.mayTell.promise
    for (let index = 0; index < EVENTS; index += 1) {
      response.write(event({ content: `word ${index} ` }))
      await delay(EVENT_EVERY_MS)
    }
    response.end(END)
  }
}

interface Caller {
  readonly request: ClientRequest
  readonly over: Promise<string | null>
  isGone: boolean
}

function call(port: number, content: string): Caller {
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const outgoing = request({ port, host: '127.0.0.1', path: '/v1/chat/completions', method: 'POST', agent: false })
  outgoing.on('error', () => resolve(null))
  outgoing.on('response', (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (part: string) => (text += part))
    response.on('error', () => resolve(null))
    response.on('close', () => resolve(text))
  })
  outgoing.end(JSON.stringify({ model: 'm', temperature: 0, stream: true, messages: [{ role: 'user', content }] }))
  return { request: outgoing, over: promise, isGone: false }
}

function leave(callers: readonly Caller[]): void {
  for (const caller of callers) {
    caller.isGone = true
    caller.request.destroy()
  }
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await delay(LOOK_EVERY_MS)
}

async function play(
  { scene, round }: { readonly scene: Scene; readonly round: number },
  { proxy, provider }: { readonly proxy: ProxyProcess; readonly provider: Provider },
): Promise<boolean> {
  const content = `${scene}, round ${round}`
  provider.begin()
  const before = (await proxy.read()).residentMb
  const leader = call(proxy.port, content)
  await until(() => provider.requests === 1)
  const callers = [leader, ...Array.from({ length: CALLERS - 1 }, () => call(proxy.port, content))]
  await until(async () => (await proxy.read()).callsUnderWay === CALLERS)
  if (scene === 'leader before headers') leave([leader])
  provider.mayAnswer.resolve()
  if (scene === 'leader before first token') leave([leader])
  provider.mayTell.resolve()
  let peak = before
  let isOver = false
  const all = Promise.all(callers.map(({ over }) => over)).finally(() => (isOver = true))
  await delay(EVENT_EVERY_MS * EVENTS * 0.3)
  if (scene === 'leader in mid-stream') leave([leader])
  if (scene === 'half') leave(callers.filter((_, index) => index % 2 === 0))
  while (!isOver) {
    peak = Math.max(peak, (await proxy.read()).residentMb)
    await delay(LOOK_EVERY_MS)
  }
  const texts = await all
  const stayed = texts.filter((_, index) => callers[index]?.isGone === false)
  const whole = stayed.filter((text) => text?.endsWith(END) === true).length
  const forms = new Set(stayed).size
  const after = (await proxy.read()).residentMb
  print([content, provider.requests, stayed.length, whole, forms, before.toFixed(0), peak.toFixed(0), after.toFixed(0)])
  return provider.requests === 1 && whole === stayed.length && forms === 1
}

function print(row: readonly (string | number)[]): void {
  process.stdout.write(`| ${row.join(' | ')} |\n`)
}

async function main(): Promise<void> {
  const provider = new Provider()
  const url = await provider.start()
  const proxy = await startProxyProcess(
    makeTable({ targets: { a: { url } }, routes: [{ backends: ['a'], cache: {} }] }),
  )
  print(['who hangs up', 'calls at the provider', 'stayed', 'whole', 'forms', 'MB before', 'MB at most', 'MB after'])
  print(Array.from({ length: 8 }, () => '---'))
  let isGood = true
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    for (const scene of SCENES) isGood = (await play({ scene, round }, { proxy, provider })) && isGood
  }
  await proxy.stop()
  provider.stop()
  process.exitCode = isGood ? 0 : 1
}

await main()
