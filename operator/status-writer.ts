// Writes statuses to the API server: only the Lease holder, only what changed, at most once a second for each object,
// by server-side apply with a field manager of our own.
//
//   NamespaceStatuses -> differs from what is there? -> apply /status          (else nothing)
//
// An apply that fails is an error of the pass: the queue tries the namespace again, later and later.
import type { Clock } from '../proxy/telemetry/clock.ts'
import type { DescribedResource, NamespaceStatuses } from './describe.ts'
import type { ApiResponse, KubeApi } from './kube/api.ts'
import { API_VERSION } from './kube/resource.ts'
import type { Resource } from './kube/source.ts'
import type { ModelProviderStatus, ModelRouteStatus } from '../crds/status.ts'
import { isSameStatus, readProviderStatus, readRouteStatus } from './status.ts'

export interface StatusWriter {
  /** Resolves with the time after which a write that had to wait is due; null when nothing waits. */
  write(statuses: NamespaceStatuses): Promise<number | null>
  /** What the object's status is known to be: the mirror may not show our own last write yet. */
  previousOf(this: void, resource: Resource<unknown>): unknown
}

export const FIELD_MANAGER = 'modelroute-operator'
const APPLY = `fieldManager=${FIELD_MANAGER}&force=true`
export const MIN_WRITE_INTERVAL_MS = 1_000

/** After this long the mirror has shown our write, or something else has changed it. */
const REMEMBER_WRITE_MS = 5_000

/** Writes of one namespace that are under way at once. */
const WRITES_AT_ONCE = 8

/** A folder has no status to write: the view of the pass is all there is. */
export function createSilentStatusWriter(): StatusWriter {
  const known = new Map<string, ReadonlyMap<string, unknown>>()
  return {
    write: async ({ namespace, routes, providers }) => {
      const statuses = [...routes, ...providers].map(({ resource, status }) => [resource.metadata.uid, status] as const)
      if (statuses.length === 0) known.delete(namespace)
      else known.set(namespace, new Map(statuses))
      return null
    },
    previousOf: ({ metadata }) => known.get(metadata.namespace)?.get(metadata.uid) ?? null,
  }
}

export interface StatusWriterDeps {
  readonly api: KubeApi
  readonly lease: { isLeader(): boolean }
  readonly clock: Clock
  /** Called for each apply, with the HTTP status; for metrics. */
  readonly onWrite?: (status: number) => void
}

interface Written {
  readonly status: unknown
  readonly atMs: number
}

type Kind = 'modelroutes' | 'modelproviders'

interface Write {
  readonly kind: Kind
  readonly described: DescribedResource<ModelRouteStatus | ModelProviderStatus>
}

export function createStatusWriter(deps: StatusWriterDeps): StatusWriter {
  const written = new Map<string, Written>()
  const previousOf = (resource: Resource<unknown>) => {
    const entry = written.get(resource.metadata.uid)
    return entry && deps.lease.isLeader() ? entry.status : resource.status
  }
  return { previousOf, write: (statuses) => writeChanges(statuses, { ...deps, written, previousOf }) }
}

interface Writing extends StatusWriterDeps {
  readonly written: Map<string, Written>
  readonly previousOf: (resource: Resource<unknown>) => unknown
}

async function writeChanges(statuses: NamespaceStatuses, writing: Writing): Promise<number | null> {
  const { written, lease, clock } = writing
  forgetOld(written, clock.now())
  if (!lease.isLeader()) return null
  const changes = toWrites(statuses).filter((write) => isChange(write, writing))
  const due = changes.filter((write) => waitMs(write, writing) === 0)
  const delays = changes.map((write) => waitMs(write, writing)).filter((delayMs) => delayMs > 0)
  for (let start = 0; start < due.length; start += WRITES_AT_ONCE) {
    const results = await Promise.allSettled(
      due.slice(start, start + WRITES_AT_ONCE).map((write) => apply(write, writing)),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }
  return delays.length === 0 ? null : Math.min(...delays)
}

function toWrites({ routes, providers }: NamespaceStatuses): readonly Write[] {
  return [
    ...routes.map((described) => ({ kind: 'modelroutes' as const, described })),
    ...providers.map((described) => ({ kind: 'modelproviders' as const, described })),
  ]
}

function isChange({ kind, described: { resource, status } }: Write, { previousOf }: Writing): boolean {
  const previous = previousOf(resource)
  return !isSameStatus(kind === 'modelroutes' ? readRouteStatus(previous) : readProviderStatus(previous), status)
}

function waitMs({ described }: Write, { written, clock }: Writing): number {
  const entry = written.get(described.resource.metadata.uid)
  return entry ? Math.max(0, entry.atMs + MIN_WRITE_INTERVAL_MS - clock.now()) : 0
}

async function apply({ kind, described: { resource, status } }: Write, writing: Writing): Promise<void> {
  const { namespace, name, uid } = resource.metadata
  const response = await writing.api.request({
    method: 'PATCH',
    path: `/apis/${API_VERSION}/namespaces/${namespace}/${kind}/${name}/status?${APPLY}`,
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: API_VERSION,
      kind: kind === 'modelroutes' ? 'ModelRoute' : 'ModelProvider',
      // With the uid an object that was deleted and made anew is not given its predecessor's status.
      metadata: { namespace, name, uid },
      status,
    },
  })
  writing.onWrite?.(response.status)
  if (response.status >= 300 && !isGone(response)) throw new Error(refusal(response, `${kind}/${name}`))
  writing.written.set(uid, { status, atMs: writing.clock.now() })
}

/** 404: deleted meanwhile; 409: of that name there is another object now, which the mirror will show. */
function isGone({ status }: ApiResponse): boolean {
  return status === 404 || status === 409
}

function refusal({ status, body }: ApiResponse, what: string): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : ''
  return `the API server answered ${status} to the status of ${what}: ${message}`.slice(0, 1024)
}

/** What remains is bounded by what can be written in a few seconds. */
function forgetOld(written: Map<string, Written>, nowMs: number): void {
  for (const [uid, { atMs }] of written) {
    if (nowMs - atMs > REMEMBER_WRITE_MS || nowMs < atMs) written.delete(uid)
  }
}
