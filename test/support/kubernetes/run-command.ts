// Runs one command to its end and returns what it said, whatever its exit code.
// The one place where the harness collects output; long-running processes are in daemon.ts.
import { spawn } from 'node:child_process'

export interface CommandOptions {
  readonly stdin?: string
  readonly folder?: string
  readonly environment?: NodeJS.ProcessEnv
  readonly timeoutMs?: number
}

export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A command that cannot be started has code 127; one that exceeds `timeoutMs` (default 60 s) is killed: code 124. */
export function runCommand(
  command: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>()
  const child = spawn(command, parameters, {
    cwd: options.folder,
    env: options.environment ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let isTimedOut = false
  const timer = setTimeout(() => {
    isTimedOut = true
    child.kill('SIGKILL')
  }, options.timeoutMs ?? 60_000)
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined) // A command that does not read its input closes the pipe early.
  child.stdin.end(options.stdin ?? '')
  child.on('error', (error) => {
    clearTimeout(timer)
    resolve({ code: 127, stdout, stderr: `${command}: ${error.message}` })
  })
  child.on('close', (code) => {
    clearTimeout(timer)
    resolve({ code: isTimedOut ? 124 : (code ?? 128), stdout, stderr })
  })
  return promise
}

/** Like `runCommand`, but a command that fails is an error that names the command and what it said. */
export async function mustRun(
  command: string,
  parameters: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await runCommand(command, parameters, options)
  if (result.code === 0) return result.stdout
  const said = result.stderr.trim() || result.stdout.trim()
  throw new Error(`${command} ${parameters.join(' ')} ended with code ${result.code}: ${said.slice(-4000)}`)
}
