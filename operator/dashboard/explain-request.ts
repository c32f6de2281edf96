// The dashboard's question about a call, as the page's script asks it: which pod's proxy, and the call as text. The
// answer is the proxy's own text; nothing of either is kept or logged.
//
//   { "pod": "namespace/name", "call": "{...}" } -> the pod's uid -> push.explain -> text
import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import * as z from 'zod'
import { MAX_EXPLAIN_CHARACTERS } from '../../proxy/table/messages.ts'
import type { Explained } from '../push/questions.ts'
import type { PodView } from './spread.ts'

/** The call's characters may take three bytes each, and be escaped once more. */
const MAX_BODY_BYTES = 6 * MAX_EXPLAIN_CHARACTERS

export interface ExplainRequestDeps {
  /** Pods whose proxies' streams end here. */
  readonly pods: () => readonly PodView[]
  /** Null: that stream has just ended. */
  readonly explain: (podUid: string, call: string) => Promise<Explained> | null
}

const asked = z.strictObject({ pod: z.string().min(1).max(512), call: z.string().min(1).max(MAX_EXPLAIN_CHARACTERS) })

export async function answerExplain(request: IncomingMessage, deps: ExplainRequestDeps): Promise<Explained> {
  const text = await readText(request)
  const parsed = asked.safeParse(text === null ? null : parseJson(text))
  if (!parsed.success) {
    return { status: 400, text: `Give a pod and a call of at most ${MAX_EXPLAIN_CHARACTERS} characters.` }
  }
  const pod = deps.pods().find(({ name }) => name === parsed.data.pod)
  const answer = pod === undefined ? null : deps.explain(pod.uid, parsed.data.call)
  if (answer !== null) return await answer
  return { status: 404, text: `No proxy of a pod "${parsed.data.pod}" is connected to this replica of the operator.` }
}

async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return sizeBytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks, sizeBytes).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
