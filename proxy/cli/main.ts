// The command line's edge: arguments, standard input and output. What a command does is in its own file.
//
//   npx modelroute redact [--explain] < file
import { readSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { redactCommand, REDACT_OPTIONS, REDACT_USAGE } from './redact.ts'

/** As a call's body: what a proxy would not take need not be explained. */
const MAX_INPUT_BYTES = 32 * 1024 * 1024
const READ_BYTES = 64 * 1024

process.exitCode = main(process.argv.slice(2))

function main([command, ...rest]: readonly string[]): number {
  if (command !== 'redact')
    return fail(command === undefined ? REDACT_USAGE : `unknown command "${command}"\n${REDACT_USAGE}`)
  try {
    const { values } = parseArgs({ args: [...rest], options: REDACT_OPTIONS, strict: true })
    const said = redactCommand(values, readInput)
    if (said.kind === 'fault') return fail(said.message)
    process.stdout.write(said.text)
    return 0
  } catch (cause) {
    return fail(`${cause instanceof Error ? cause.message : String(cause)}\n${REDACT_USAGE}`)
  }
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
