// OpenAI's batches (platform.openai.com/docs/guides/batch): the calls as a file of lines, an order that names the file,
// and two files of lines back, of answers and of errors, each in any order.
//
//   POST /files -> POST /batches -> GET /batches/{id} ... -> GET /files/{output}/content, GET /files/{error}/content
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import type { JobAnswer } from '../job.ts'
import type { AskProvider } from '../../upstream/provider-request.ts'
import {
  answerOf,
  isGood,
  JSON_TYPE,
  linesOf,
  objectIn,
  refusalOf,
  type ResultLine,
  textOf,
  type BatchApi,
  type BatchOrder,
  type Created,
  type Looked,
} from './batch-api.ts'

/** The only window that there is. */
const COMPLETION_WINDOW = '24h'
const ENDED: ReadonlySet<unknown> = new Set(['completed', 'failed', 'expired', 'cancelled'])

export const openAiBatches: BatchApi = { create, look, cancel, forget }

async function create(order: BatchOrder, ask: AskProvider): Promise<Created> {
  const { headers, body } = formOf(linesFor(order))
  const uploaded = await ask({ method: 'POST', path: '/files', headers, body })
  const fileId = isGood(uploaded) ? textOf(objectIn(uploaded)['id']) : null
  if (fileId === null) return refusalOf(uploaded)
  const made = await ask(
    jsonPost('/batches', {
      input_file_id: fileId,
      endpoint: `/v1${order.path}`,
      completion_window: COMPLETION_WINDOW,
    }),
  )
  const remoteId = isGood(made) ? textOf(objectIn(made)['id']) : null
  return remoteId === null ? refusalOf(made) : { kind: 'created', remoteId }
}

async function look(remoteId: string, ask: AskProvider): Promise<Looked> {
  const reply = await ask({ method: 'GET', path: `/batches/${remoteId}`, headers: [], body: null })
  if (reply?.status === 404) return { kind: 'lost' }
  if (!isGood(reply)) return { kind: 'failed' }
  const batch = objectIn(reply)
  if (!ENDED.has(batch['status'])) return { kind: 'underWay' }
  const answers = new Map<string, JobAnswer>()
  for (const fileId of [textOf(batch['output_file_id']), textOf(batch['error_file_id'])]) {
    if (fileId === null) continue
    const file = await ask({ method: 'GET', path: `/files/${fileId}/content`, headers: [], body: null })
    if (!isGood(file)) return { kind: 'failed' }
    for (const line of linesOf(file.body)) readLine(line, answers)
  }
  return { kind: 'ended', answers }
}

async function cancel(remoteId: string, ask: AskProvider): Promise<void> {
  await ask(jsonPost(`/batches/${remoteId}/cancel`, {}))
}

/** Files stay for ever unless they are deleted, and what is in them. */
async function forget(remoteId: string, ask: AskProvider): Promise<void> {
  const batch = objectIn(await ask({ method: 'GET', path: `/batches/${remoteId}`, headers: [], body: null }))
  for (const name of ['input_file_id', 'output_file_id', 'error_file_id']) {
    const fileId = textOf(batch[name])
    if (fileId !== null) await ask({ method: 'DELETE', path: `/files/${fileId}`, headers: [], body: null })
  }
}

/** A line without a response was not made: `batch_expired`, `batch_cancelled`. */
function readLine(line: ResultLine, answers: Map<string, JobAnswer>): void {
  const id = line.text('custom_id')
  const response = line.member('response')
  const body = response?.member('body')
  const status = Number(response?.member('status_code')?.bytes.toString('latin1'))
  if (id !== null && body && status >= 200 && status < 600) answers.set(id, answerOf(status, body))
}

/** Bodies are put in as they are: a line is one object without line ends, which JSON never needs. */
function linesFor({ path, items }: BatchOrder): Buffer {
  const parts = items.flatMap(({ id, body }) => [
    Buffer.from(`{"custom_id":"${id}","method":"POST","url":"/v1${path}","body":`),
    onOneLine(body),
    Buffer.from('}\n'),
  ])
  return Buffer.concat(parts)
}

/** Line ends stand between tokens only: within strings they are escaped (RFC 8259 section 7). */
function onOneLine(body: Buffer): Buffer {
  if (!body.includes(0x0a) && !body.includes(0x0d)) return body
  return Buffer.from(body.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)))
}

function jsonPost(path: string, value: unknown) {
  const headers = ['content-type', JSON_TYPE]
  return { method: 'POST', path, headers, body: Buffer.from(JSON.stringify(value)) } as const
}

/** RFC 7578. */
function formOf(lines: Buffer): { readonly headers: readonly string[]; readonly body: Buffer } {
  const boundary = `modelroute-${randomUUID()}`
  const open = `--${boundary}\r\ncontent-disposition: form-data; name=`
  const body = Buffer.concat([
    Buffer.from(`${open}"purpose"\r\n\r\nbatch\r\n${open}"file"; filename="calls.jsonl"\r\n`),
    Buffer.from('content-type: application/jsonl\r\n\r\n'),
    lines,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  return { headers: ['content-type', `multipart/form-data; boundary=${boundary}`], body }
}
