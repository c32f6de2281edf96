// What redaction reads from outside, and what must be true of it whatever the bytes are: places lie inside of the body,
// an answer that holds no placeholder stays as it came, byte for byte, and findings are in order and apart.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { scanObject } from '../../proxy/json/scan.ts'
import type { StreamFormat } from '../../proxy/dialect/stream-format.ts'
import { compilePolicy, type DetectionPolicy } from '../../proxy/redact/detectors/policy.ts'
import { detect } from '../../proxy/redact/detectors/detect.ts'
import { EventRestorer } from '../../proxy/redact/restore/event-restorer.ts'
import { restoreDocument } from '../../proxy/redact/restore/document-restorer.ts'
import { RawEvents } from '../../proxy/redact/restore/raw-events.ts'
import { MESSAGES } from '../../proxy/redact/walk/anthropic.ts'
import * as gemini from '../../proxy/redact/walk/gemini.ts'
import * as ollama from '../../proxy/redact/walk/ollama.ts'
import * as openAi from '../../proxy/redact/walk/openai.ts'
import { walkBody } from '../../proxy/redact/walk/walker.ts'
import { restoringOf } from '../proxy/redact/restoring.ts'
import { inPieces, pieceSizes, requestBytes, streamBytes } from './inputs.ts'

const SHAPES = [
  openAi.CHAT,
  openAi.COMPLETION,
  openAi.RESPONSE,
  openAi.EMBEDDING,
  MESSAGES,
  gemini.GENERATE,
  gemini.COUNT,
  gemini.EMBEDDING,
  ollama.CHAT,
  ollama.GENERATE,
  ollama.PROMPT,
]
const KNOWN = { word: 'EMAIL', value: 'zoë.o"neil@example.com' }

const PIECES = [
  'alice@example.com',
  '+49 171 2345678',
  'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789',
  '4111 1111 1111 1111',
  '11010519491231002X',
  'Dr. Anna Müller',
  '张伟',
  'DE89 3704 0044 0532 0130 00',
  'password: ',
  '-----BEGIN RSA PRIVATE KEY-----',
  '\u200b',
  '\ud83d',
  '=',
  '\n',
  ' ',
]
const text = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ unit: 'binary', maxLength: 12 })), {
    maxLength: 14,
  })
  .map((parts) => parts.join(''))

export function walks(): fc.IRawProperty<unknown, false> {
  return fc.property(fc.constantFrom(...SHAPES), requestBytes, (shape, body) => {
    // The dialect has read the body before and refused what is no JSON object.
    if (scanObject(body, []).kind !== 'members') return
    const walked = walkBody(body, shape)
    if (walked.kind === 'failure') return
    const isInside = walked.segments.every(({ span }) => span.start >= 0 && span.start <= span.end)
    if (!isInside) throw new Error('a segment beyond its document')
  })
}

export function restoresStreams(formats: readonly StreamFormat[]): fc.IRawProperty<unknown, false> {
  return fc.property(fc.constantFrom(...formats), streamBytes, pieceSizes, (format, bytes, sizes) => {
    const raw = new RawEvents(format.framing)
    const events = new EventRestorer({ restoring: restoringOf(KNOWN), format, isJsonOutput: false })
    const out = inPieces(bytes, sizes).flatMap((piece) => raw.push(piece).flatMap((event) => [...events.push(event)]))
    out.push(...raw.end().flatMap((event) => [...events.push(event)]), ...events.end())
    if (!Buffer.concat(out).equals(bytes)) throw new Error('a stream without placeholders was changed')
  })
}

export function restoresDocuments(): fc.IRawProperty<unknown, false> {
  return fc.property(requestBytes, fc.boolean(), (body, isJsonOutput) => {
    const restored = restoreDocument(body, { restoring: restoringOf(KNOWN), isJsonOutput })
    if (restored.toString('utf8') !== body.toString('utf8')) throw new Error('a text without placeholders was changed')
  })
}

export function detects(): fc.IRawProperty<unknown, false> {
  const policy: DetectionPolicy = compilePolicy({
    redaction: { profile: 'Strict', add: [], remove: [], mode: 'Enforce', onFailure: 'Refuse' },
    wordLists: new Map(),
  })
  return fc.property(text, (said) => {
    let end = 0
    for (const found of detect(said, policy)) {
      if (found.start < end || found.end <= found.start || found.end > said.length) throw new Error('findings overlap')
      end = found.end
    }
  })
}
