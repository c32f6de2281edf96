// Explaining, loaded when somebody asks: the admin port's tool, and the header of a call that wants to know about
// itself. A call without that header pays for one look at its headers.
//
//   x-modelroute-explain: 1 -> the call is explained, then made with the same draw -> x-modelroute-explain: {...}
import type { AdminTool } from '../admin-tools.ts'
import type { Answer, Received } from '../exchange.ts'
import type { PipelineDeps } from '../pipeline.ts'
import { headerOf } from '../raw-headers.ts'
import type { DescribedDeps } from './described-call.ts'
import type { ExplainDeps } from './explain.ts'

export const EXPLAIN_HEADER = 'x-modelroute-explain'
const MAX_CALL_BYTES = 32 * 1024 * 1024

export function wantsExplanation({ rawHeaders }: Pick<Received, 'rawHeaders'>): boolean {
  return headerOf(rawHeaders, EXPLAIN_HEADER) === '1'
}

/** `handle` is the pipeline, which gets the same random number as the explanation. */
export async function explained<Deps extends ExplainDeps>(
  received: Received,
  handle: (received: Received, deps: Deps) => Promise<Answer>,
  deps: Deps,
): Promise<Answer> {
  const { explainCall } = await import('./explain.ts')
  const { explanationHeader } = await import('./as-header.ts')
  const draw = deps.random()
  const drawn = { ...deps, random: () => draw }
  const explanation = await explainCall(received, drawn)
  const answer = await handle(received, drawn)
  return { ...answer, rawHeaders: [...answer.rawHeaders, EXPLAIN_HEADER, explanationHeader(explanation)] }
}

export function explainTool(deps: ExplainDeps & DescribedDeps & Pick<PipelineDeps, 'random'>): AdminTool {
  return {
    method: 'POST',
    path: '/explain',
    maxBodyBytes: MAX_CALL_BYTES,
    answer: async (request) => {
      const { answerExplain } = await import('./explain-tool.ts')
      return await answerExplain(request, deps)
    },
  }
}
