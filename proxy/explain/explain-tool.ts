// POST /explain on the admin port: a described call in, the explanation out, as JSON or as text.
//
//   curl -s localhost:4142/explain -H 'accept: text/plain' -d @call.json
import { json, plain, type Reply, type ToolRequest } from '../admin-tools.ts'
import { Caller } from '../caller.ts'
import { explanationText } from './as-text.ts'
import { type DescribedDeps, readDescribedCall } from './described-call.ts'
import { explainCall, type ExplainDeps } from './explain.ts'

export async function answerExplain(
  { text, wantsText }: Pick<ToolRequest, 'text' | 'wantsText'>,
  deps: ExplainDeps & DescribedDeps,
): Promise<Reply> {
  const described = readDescribedCall(text, new Caller(), deps)
  if (described.kind === 'fault') return plain(400, described.message)
  const explanation = await explainCall(described.received, deps)
  return wantsText
    ? { status: 200, type: 'text/plain; charset=utf-8', text: explanationText(explanation) }
    : json(200, explanation)
}
