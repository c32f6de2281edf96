// Raw objects, as the API server or a yaml file has them, to the operator's resources. The only place that parses
// them: what cannot be read becomes a Resource with faults and without a spec, never an exception.
//
//   raw JSON -> readRoute | readProvider | readPod -> NamespaceResources
import * as z from 'zod'
import { GROUP, VERSION } from '../../crds/definition.ts'
import { modelProviderSpec } from '../../crds/model-provider.ts'
import { modelRouteSpec } from '../../crds/model-route.ts'
import { INJECTED } from '../inject/names.ts'
import type { Metadata, ModelProviderResource, ModelRouteResource, ProxyPod, Resource } from './source.ts'

export const API_VERSION = `${GROUP}/${VERSION}`

/** More faults of one object than this are not told: the first ones already say what to mend. */
const MAX_FAULTS = 10
/** What the webhook writes is far shorter. */
const MAX_INJECTED_LENGTH = 512

const textMap = z.record(z.string(), z.string()).nullish()

const rawMetadata = z.object({
  namespace: z.string().min(1),
  name: z.string().min(1),
  uid: z.string().min(1),
  generation: z.int().optional(),
  resourceVersion: z.string().optional(),
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().nullish(),
  labels: textMap,
  annotations: textMap,
})

const rawObject = z.object({ metadata: rawMetadata, spec: z.unknown().optional(), status: z.unknown().optional() })

/** Null when not even the metadata can be read: such an object cannot be named, let alone reported. */
export function readMetadata(raw: unknown): Metadata | null {
  const parsed = rawObject.pick({ metadata: true }).safeParse(raw)
  return parsed.success ? toMetadata(parsed.data.metadata) : null
}

export function readRoute(raw: unknown): ModelRouteResource | null {
  return readResource(raw, modelRouteSpec)
}

export function readProvider(raw: unknown): ModelProviderResource | null {
  return readResource(raw, modelProviderSpec)
}

/** Null also for a pod that is being deleted: it takes no part in status any more. */
export function readPod(raw: unknown): ProxyPod | null {
  const parsed = rawObject.pick({ metadata: true }).safeParse(raw)
  if (!parsed.success || parsed.data.metadata.deletionTimestamp) return null
  const metadata = toMetadata(parsed.data.metadata)
  // The other annotations of pods are large and never looked at; 10,000 pods would keep megabytes of them.
  const injected = metadata.annotations[INJECTED]
  const isKept = injected !== undefined && injected.length <= MAX_INJECTED_LENGTH
  return Object.freeze({ ...metadata, annotations: isKept ? { [INJECTED]: injected } : {} })
}

function readResource<Spec>(raw: unknown, schema: z.ZodType<Spec>): Resource<Spec> | null {
  const parsed = rawObject.safeParse(raw)
  if (!parsed.success) return null
  const metadata = toMetadata(parsed.data.metadata)
  const spec = schema.safeParse(parsed.data.spec)
  const { status } = parsed.data
  if (spec.success) return deepFreeze({ metadata, spec: spec.data, faults: [], status })
  const faults = spec.error.issues.slice(0, MAX_FAULTS).map((issue) => ({
    path: toPath(['spec', ...issue.path]),
    message: issue.message,
  }))
  return deepFreeze({ metadata, spec: null, faults, status })
}

function toMetadata(raw: z.infer<typeof rawMetadata>): Metadata {
  return {
    namespace: raw.namespace,
    name: raw.name,
    uid: raw.uid,
    generation: raw.generation ?? 0,
    resourceVersion: raw.resourceVersion ?? '',
    creationTimestamp: raw.creationTimestamp ?? '',
    labels: raw.labels ?? {},
    annotations: raw.annotations ?? {},
  }
}

/** `spec.rules[0].backends[1].weight`, as kubectl and people write it. */
export function toPath(steps: readonly PropertyKey[]): string {
  return steps
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}
