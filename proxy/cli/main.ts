// The command line's edge: arguments, standard input and output. What a command does is in its own file, loaded when it
// is asked for. Commands that read resources or a cluster are in operator/cli.
//
//   npx modelroute redact [--explain] < file
//   npx modelroute explain-call -f call.json --table table.json
import { readFileSync, readSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Said } from './said.ts'

/** As a call's body: what a proxy would not take need not be explained. */
const MAX_INPUT_BYTES = 32 * 1024 * 1024
const READ_BYTES = 64 * 1024

interface Command {
  readonly usage: string
  readonly run: (args: string[]) => Said | Promise<Said>
}

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  redact: loadRedact,
  'explain-call': loadExplainCall,
}

process.exitCode = await main(process.argv.slice(2))

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (load === undefined) return fail(`there is no command "${name}": ${Object.keys(COMMANDS).join(', ')}`)
  const { usage, run } = await load()
  try {
    const said = await run(args)
    if (said.kind === 'fault') return fail(said.message)
    process.stdout.write(said.text)
    return 0
  } catch (cause) {
    return fail(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`)
  }
}

async function loadRedact(): Promise<Command> {
  const { redactCommand, REDACT_OPTIONS, REDACT_USAGE } = await import('./redact.ts')
  const run = (args: string[]) =>
    redactCommand(parseArgs({ args, options: REDACT_OPTIONS, strict: true }).values, readInput)
  return { usage: REDACT_USAGE, run }
}

async function loadExplainCall(): Promise<Command> {
  const { explainCallCommand, EXPLAIN_OPTIONS, EXPLAIN_USAGE } = await import('./explain-call.ts')
  const run = (args: string[]): Promise<Said> => {
    const { file, table, json } = parseArgs({ args, options: EXPLAIN_OPTIONS, strict: true }).values
    if (file === undefined || table === undefined) throw new Error('-f and --table name the call and the table')
    return explainCallCommand({ tableText: readText(table), callText: readText(file), isJson: json })
  }
  return { usage: EXPLAIN_USAGE, run }
}

/** `-` is standard input. */
function readText(path: string): string {
  return path === '-' ? readInput() : readFileSync(path, 'utf8')
}

function fail(message: string): number {
  process.stderr.write(`modelroute: ${message}\n`)
  return 2
}

/** All of standard input; throws when it is longer than a proxy would take. */
function readInput(): string {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for (;;) {
    const chunk = Buffer.alloc(READ_BYTES)
    const length = readSync(0, chunk, 0, READ_BYTES, null)
    if (length === 0) return Buffer.concat(chunks, sizeBytes).toString('utf8')
    sizeBytes += length
    if (sizeBytes > MAX_INPUT_BYTES) throw new Error(`the input is longer than ${MAX_INPUT_BYTES} bytes`)
    chunks.push(chunk.subarray(0, length))
  }
}
