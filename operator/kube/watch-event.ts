// One line of a watch as a value. Everything that is not plainly an event is `unreadable`, because an event that is
// dropped in silence makes the mirror wrong for good.
import * as z from 'zod'

export type WatchEvent =
  | {
      readonly kind: 'set' | 'delete'
      readonly namespace: string
      readonly name: string
      readonly resourceVersion: string
      readonly object: unknown
    }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  | { readonly kind: 'error'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

const resourceVersion = z.string().min(1)
const changed = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
  object: z.looseObject({
    metadata: z.looseObject({ namespace: z.string().min(1), name: z.string().min(1), resourceVersion }),
  }),
})
const bookmark = z.object({
  type: z.literal('BOOKMARK'),
  object: z.object({ metadata: z.object({ resourceVersion }) }),
})
const failed = z.object({
  type: z.literal('ERROR'),
  object: z.object({ code: z.number().optional(), message: z.string().optional() }).optional(),
})
const watchLine = z.discriminatedUnion('type', [changed, bookmark, failed])

export function readWatchEvent(line: string): WatchEvent {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { kind: 'unreadable', reason: 'a line is not JSON' }
  }
  const parsed = watchLine.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { kind: 'unreadable', reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an event'}` }
  }
  const event = parsed.data
  switch (event.type) {
    case 'BOOKMARK':
      return { kind: 'bookmark', resourceVersion: event.object.metadata.resourceVersion }
    case 'ERROR':
      return {
        kind: 'error',
        reason: `${event.object?.code ?? ''} ${event.object?.message ?? ''}`.trim().slice(0, 300),
      }
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED': {
      const { namespace, name, resourceVersion: version } = event.object.metadata
      const kind = event.type === 'DELETED' ? 'delete' : 'set'
      return { kind, namespace, name, resourceVersion: version, object: event.object }
    }
  }
}
