// Starts the real `operator/local.ts` as a process of its own, on free ports and a copy of the example folder.
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')

export interface RunningLocal {
  readonly child: ChildProcess
  readonly ports: Ports
  /** The folder whose files a test may edit. */
  readonly resources: string
  /** What the program uses for private files. */
  readonly temporary: string
  readonly startedInMs: number
  output(): string
  edit(file: string, change: (text: string) => string): Promise<void>
  /** Sends the signal and resolves with how the process ended. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  cleanUp(): Promise<void>
}

export interface Ports {
  readonly proxy: number
  readonly admin: number
  readonly dashboard: number
  readonly alpha: number
  readonly beta: number
}

export interface Finished {
  readonly code: number | NodeJS.Signals | null
  readonly output: string
}

export async function freePorts(): Promise<Ports> {
  const [proxy = 0, admin = 0, dashboard = 0, alpha = 0, beta = 0] = await holdFreePorts(5)
  return { proxy, admin, dashboard, alpha, beta }
}

/** All are held at once, so that no port is given out twice. */
async function holdFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Resolves when the program says that it is ready; rejects with its output when it ends first. */
export async function startLocal(): Promise<RunningLocal> {
  const [ports, home] = [await freePorts(), await mkdtemp(join(tmpdir(), 'modelroute-test-'))]
  const resources = join(home, 'resources')
  const temporary = join(home, 'temporary')
  await mkdir(temporary)
  await cp(join(ROOT, 'crds/examples/local'), resources, { recursive: true })
  const edit = async (file: string, change: (text: string) => string) => {
    const text = await readFile(join(resources, file), 'utf8')
    const changed = change(text)
    if (changed === text) throw new Error(`the edit of ${file} changes nothing`)
    await writeFile(join(resources, file), changed)
  }
  await edit('providers.yaml', (text) =>
    text.replace(':4191/', `:${ports.alpha}/`).replace(':4192/', `:${ports.beta}/`),
  )
  const startedAt = performance.now()
  const started = launch(['--resources', resources], { ports, temporary })
  await Promise.race([started.says('modelroute is ready.'), started.finished.then(failToStart)])
  return {
    child: started.child,
    ports,
    resources,
    temporary,
    startedInMs: performance.now() - startedAt,
    output: () => started.output(),
    edit,
    end: async (signal) => {
      started.child.kill(signal)
      return (await started.finished).code
    },
    cleanUp: async () => {
      started.child.kill('SIGTERM')
      await started.finished
      await rm(home, { recursive: true, force: true })
    },
  }
}

function failToStart({ code, output }: Finished): never {
  throw new Error(`the program ended with ${code} before it was ready:\n${output}`)
}

export interface Launch {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  output(): string
  /** Resolves when the text was printed. */
  says(text: string): Promise<void>
}

export function launch(args: readonly string[], { ports, temporary }: { ports: Ports; temporary: string }): Launch {
  const child = spawn(process.execPath, [join(ROOT, 'operator/local.ts'), ...args], {
    env: {
      TMPDIR: temporary,
      MODELROUTE_PROXY_PORT: String(ports.proxy),
      MODELROUTE_PROXY_ADMIN_PORT: String(ports.admin),
      MODELROUTE_DASHBOARD_PORT: String(ports.dashboard),
      MODELROUTE_ALPHA_PORT: String(ports.alpha),
      MODELROUTE_BETA_PORT: String(ports.beta),
      MODELROUTE_FIRST_TOKEN_MS: '1',
      MODELROUTE_TOKEN_INTERVAL_MS: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let onOutput: () => void = () => undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      onOutput()
    })
  }
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }))
  })
  return {
    child,
    finished,
    output: () => output,
    says: (text) =>
      new Promise((resolve) => {
        onOutput = () => {
          if (output.includes(text)) resolve()
        }
        onOutput()
      }),
  }
}
