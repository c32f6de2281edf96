// A program that asks one SDK for Python, as an SDK of the matrix: a question a line in, an answer a line out.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  type Answer,
  type InjectedVariables,
  type Question,
  type Sdk,
  type SdkError,
  type StreamedAnswer,
  WEATHER,
} from '../client.ts'

type Reply = { readonly answer: StreamedAnswer } | { readonly error: SdkError }

/** What the program said went wrong. */
export class PythonError extends Error {
  readonly said: SdkError

  constructor(said: SdkError) {
    super(said.message)
    this.said = said
  }
}

export interface Program {
  readonly sdkFor: (variables: InjectedVariables) => Sdk
  readonly stop: () => Promise<void>
}

/** Loading an SDK takes seconds, so one program serves all providers and is told the variables with each question. */
export function startProgram(interpreter: string, file: string): Program {
  const env = { PYTHONDONTWRITEBYTECODE: '1' }
  const child = spawn(interpreter, [join(import.meta.dirname, file)], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exited = once(child, 'exit')
  const put = async (asked: object): Promise<StreamedAnswer> => {
    child.stdin.write(`${JSON.stringify(asked)}\n`)
    const line = await lines.next()
    if (line.done === true) throw new Error(`${file} ended without an answer.`)
    const reply = JSON.parse(line.value) as Reply
    if ('error' in reply) throw new PythonError(reply.error)
    return reply.answer
  }
  return {
    sdkFor: (variables) => ({
      ask: (question): Promise<Answer> => put({ way: 'ask', variables, question: withTool(question) }),
      stream: (question) => put({ way: 'stream', variables, question: withTool(question) }),
    }),
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}

function withTool({ hasTools, ...question }: Question): object {
  return hasTools ? { ...question, tool: WEATHER } : question
}

export function errorOf(cause: unknown): SdkError {
  return cause instanceof PythonError ? cause.said : { name: 'Error', status: undefined, message: String(cause) }
}
