// One whole list of a kind, page by page, as raw objects with the resourceVersion from which a watch goes on.
// A page whose token has expired (410) fails the whole list: the next try starts at the first page.
import * as z from 'zod'
import type { KubeApi } from './api.ts'

export const PAGE_SIZE = 500
/** Half a million objects of one kind; a server that never ends its list must not fill the memory. */
export const MAX_PAGES = 1_000
const PAGE_TIMEOUT_MS = 30_000

export interface ListWish {
  readonly api: KubeApi
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly accept: string
  readonly signal: AbortSignal
}

export interface Listed {
  readonly items: readonly unknown[]
  readonly resourceVersion: string
}

const page = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
})

export async function listAll(wish: ListWish): Promise<Listed> {
  const items: unknown[] = []
  let next: string | undefined
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const { metadata, items: some } = await readPage(wish, next)
    for (const item of some ?? []) items.push(item)
    if (!metadata.continue) return { items, resourceVersion: metadata.resourceVersion }
    next = metadata.continue
  }
  throw new Error(`the list did not end after ${MAX_PAGES} pages`)
}

async function readPage({ api, path, query, accept, signal }: ListWish, next: string | undefined) {
  const parameters = new URLSearchParams({
    ...query,
    limit: String(PAGE_SIZE),
    ...(next === undefined ? {} : { continue: next }),
  })
  const { status, body } = await api.request({
    method: 'GET',
    path: `${path}?${parameters.toString()}`,
    accept,
    signal,
    timeoutMs: PAGE_TIMEOUT_MS,
  })
  if (status !== 200) throw new Error(`the API server answered ${status} to the list${reasonOf(body)}`)
  const parsed = page.safeParse(body)
  if (!parsed.success) throw new Error('the API server answered the list with something else')
  return parsed.data
}

function reasonOf(body: unknown): string {
  const parsed = z.object({ message: z.string() }).safeParse(body)
  return parsed.success ? `: ${parsed.data.message.slice(0, 300)}` : ''
}
