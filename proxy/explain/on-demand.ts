// Explaining, loaded when somebody asks: the admin port's tool, and the header of a call that wants to know about
// itself. A call without that header pays for one look at its headers.
//
//   x-modelroute-explain: 1 -> the call is explained, then made with the same draw -> x-modelroute-explain: {...}
import type { AdminTool } from '../admin-tools.ts'
import type { Answer, Received } from '../exchange.ts'
import { headerOf } from '../raw-headers.ts'
import type { Logger } from '../telemetry/log.ts'
import type { DescribedDeps } from './described-call.ts'
import type { ExplainDeps } from './explain.ts'

export const EXPLAIN_HEADER = 'x-modelroute-explain'
/** As a call's body: what a proxy would not take need not be explained. */
const MAX_CALL_BYTES = 32 * 1024 * 1024

export function wantsExplanation({ rawHeaders }: Pick<Received, 'rawHeaders'>): boolean {
  return headerOf(rawHeaders, EXPLAIN_HEADER) === '1'
}

interface Faults {
  readonly logger: Pick<Logger, 'error'>
}

/** `handle` is the pipeline, which gets the same random number as the explanation. */
export async function explained<Deps extends ExplainDeps & Faults>(
  received: Received,
  handle: (received: Received, deps: Deps) => Promise<Answer>,
  deps: Deps,
): Promise<Answer> {
  const draw = deps.random()
  const drawn = { ...deps, random: () => draw }
  const header = await headerFor(received, drawn)
  const answer = await handle(received, drawn)
  return header === null ? answer : { ...answer, rawHeaders: [...answer.rawHeaders, EXPLAIN_HEADER, header] }
}

/** Null: explaining met a fault, which must not cost the call its answer. */
async function headerFor(received: Received, deps: ExplainDeps & Faults): Promise<string | null> {
  try {
    const { explainCall } = await import('./explain.ts')
    const { explanationHeader } = await import('./as-header.ts')
    return explanationHeader(await explainCall(received, deps))
  } catch (error) {
    deps.logger.error({ id: received.id, err: error }, 'a call could not be explained')
    return null
  }
}

export function explainTool(deps: ExplainDeps & DescribedDeps): AdminTool {
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
