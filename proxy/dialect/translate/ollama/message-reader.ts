// Messages of Ollama's api/chat -> neutral turns. Calls have no ids here at most callers: a call is known by its place
// in the conversation, and a result belongs to the first call of its tool's name that has none yet.
import type { Field } from '../../neutral/field.ts'
import { sniffImage } from '../../neutral/media.ts'
import type { MediaPart, Part, ToolCallPart, ToolResultPart, Turn } from '../../neutral/chat.ts'
import { idByPlace } from '../../neutral/tool-ids.ts'

interface OpenCall {
  readonly id: string
  readonly name: string
}

/** Reads the messages of one conversation in order. */
export class MessageReader {
  readonly turns: { readonly role: Turn['role']; readonly parts: Part[] }[] = []
  #open: OpenCall[] = []
  #isAfterTool = false

  read(message: Field): void {
    message.noteMembers(['role', 'content', 'images', 'thinking', 'tool_calls', 'tool_name', 'tool_call_id', 'name'])
    const role = message.member('role').word(['system', 'user', 'assistant', 'tool'])
    if (role === 'tool') {
      const result = this.#readResult(message)
      if (this.#isAfterTool) this.turns.at(-1)?.parts.push(result)
      else this.turns.push({ role: 'user', parts: [result] })
    } else if (role !== undefined) {
      this.turns.push({ role, parts: this.#readParts(message) })
    } else if (!message.member('role').isPresent) {
      message.member('role').fault('is missing')
    }
    this.#isAfterTool = role === 'tool'
  }

  #readParts(message: Field): Part[] {
    const parts: Part[] = []
    const thinking = message.member('thinking').text()
    if (thinking !== undefined && thinking !== '') {
      message.member('thinking').note('reasoningHistory')
      parts.push({ kind: 'reasoning', text: thinking })
    }
    const text = message.member('content').text() ?? ''
    const calls = message.member('tool_calls').items()
    if (text !== '' || calls.length === 0) parts.push({ kind: 'text', text })
    if (calls.length > 0) this.#open = []
    return [...parts, ...readImages(message.member('images')), ...calls.map((call) => this.#readCall(call))]
  }

  #readCall(call: Field): ToolCallPart {
    call.member('function').note('toolHistory')
    const described = call.member('function')
    const name = described.member('name').requiredText()
    const id = call.member('id').text() ?? idByPlace(this.turns.length, this.#open.length)
    this.#open.push({ id, name })
    return { kind: 'toolCall', id, name, argumentsText: JSON.stringify(described.member('arguments').object() ?? {}) }
  }

  #readResult(message: Field): ToolResultPart {
    message.member('tool_name').note('toolHistory')
    const name = message.firstOf('tool_name', 'name').text()
    const wantedId = message.member('tool_call_id').text()
    const byName = (call: OpenCall) => name === undefined || call.name === name
    const at = this.#open.findIndex((call) => (wantedId === undefined ? byName(call) : call.id === wantedId))
    const [call] = at === -1 ? [] : this.#open.splice(at, 1)
    const images = readImages(message.member('images'))
    if (images.length > 0) message.member('images').note('toolResultMedia')
    return {
      kind: 'toolResult',
      callId: call?.id ?? wantedId ?? 'unknown',
      parts: [{ kind: 'text', text: message.member('content').text() ?? '' }, ...images],
    }
  }
}

export function readImages(images: Field): readonly MediaPart[] {
  if (images.items().length > 0) images.note('imageData')
  return images.items().map((image) => {
    const data = image.requiredText()
    return { kind: 'image', source: { kind: 'base64', mediaType: sniffImage(data), data } }
  })
}
