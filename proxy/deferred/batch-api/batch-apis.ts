// Which dialects have a batch API, and for which operations. Data; another provider's is a file beside these and a
// line here.
import type { Operation } from '../../exchange.ts'
import type { DialectName } from '../../table/schema.ts'
import { anthropicBatches } from './anthropic.ts'
import type { BatchApi } from './batch-api.ts'
import { openAiBatches } from './openai.ts'

interface Known {
  readonly api: BatchApi
  readonly operations: ReadonlySet<Operation>
}

const APIS: Partial<Readonly<Record<DialectName, Known>>> = {
  OpenAI: { api: openAiBatches, operations: new Set(['Chat', 'Completion', 'Response', 'Embedding']) },
  Anthropic: { api: anthropicBatches, operations: new Set(['Chat']) },
}

/** Null: such calls are made one by one. */
export function batchApiOf(dialect: DialectName, operation: Operation | null): BatchApi | null {
  const known = APIS[dialect]
  return known !== undefined && operation !== null && known.operations.has(operation) ? known.api : null
}
