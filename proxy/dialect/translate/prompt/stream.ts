// The lines of the prompt dialect's stream <-> neutral events: {"text"} per piece, {"error"} when it fails. It has no
// terminal line: its end is the end of the body.
import type { Buffer } from 'node:buffer'
import { Blocks } from '../../neutral/blocks.ts'
import { readEventObject, UNREADABLE } from '../../neutral/event-object.ts'
import type { StreamReader, StreamWriter } from '../../neutral/format.ts'
import { jsonLine } from '../../neutral/frame.ts'
import type { StreamEvent } from '../../neutral/chat.ts'
import { readErrorObject, writeError } from './error.ts'

export class PromptStreamReader implements StreamReader {
  readonly #blocks = new Blocks()

  read(_name: string | null, data: Buffer): readonly StreamEvent[] {
    const line = readEventObject(data)
    if (line === null) return [UNREADABLE]
    if (line.member('error').isPresent) return [{ kind: 'error', error: readErrorObject(line, null) }]
    return this.#blocks.text('text', line.firstOf('text', 'output').text() ?? '')
  }

  end(): readonly StreamEvent[] {
    return [...this.#blocks.endAll(), { kind: 'stop', reason: 'end', stopSequence: null }, { kind: 'end' }]
  }
}

export class PromptStreamWriter implements StreamWriter {
  readonly #spoken = new Set<number>()

  write(event: StreamEvent): readonly Buffer[] {
    if (event.kind === 'error') return [jsonLine(writeError(event.error).body)]
    const isSpoken = event.kind === 'blockStart' && (event.opening.kind === 'text' || event.opening.kind === 'refusal')
    if (isSpoken) this.#spoken.add(event.block)
    return event.kind === 'blockDelta' && this.#spoken.has(event.block) ? [jsonLine({ text: event.text })] : []
  }
}
