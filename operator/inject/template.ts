// A workload's `modelroute.dev/*` annotations, carried to its pod template, so that annotating a Deployment is enough.
//
//   key is ...                          | on the template
//   ------------------------------------|------------------------------------------------------------
//   on the workload, not on the template| copied, and remembered in modelroute.dev/copied
//   on the workload, copied before      | follows the workload's value
//   on the workload, the template's own | the template's stays (the nearest wins), warning
//   copied before, gone from the workload| removed, on UPDATE (a Job from a CronJob keeps what its template has)
//
// Pure, and the patch depends on the object's annotations alone, never on the operator's version: two operators of
// different age must not push a Deployment back and forth. Jobs on CREATE only, since their template cannot change;
// ReplicaSets never, since their Deployment's controller would replace them for ever.
import type { Finding, Subject } from '../finding.ts'
import { isRecord, type JsonObject, textAt, textsAt, valueAt } from './json.ts'
import { type PatchOperation, pointer, setEntries } from './json-patch.ts'
import { ANNOTATION_PREFIX, COPIED, OWN_ANNOTATIONS } from './names.ts'

/** Where each kind keeps its pod template. */
const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
}

export interface WorkloadRequest {
  readonly kind: string
  readonly operation: string
  readonly object: unknown
  readonly oldObject: unknown
}

export interface TemplateChange {
  readonly operations: readonly PatchOperation[]
  readonly findings: readonly Finding[]
  /** The pod template as it will be, in the shape of a pod, so that the pod's rules can look at it already now. */
  readonly pod: JsonObject
}

/** Null when this kind or operation is none of ours. */
export function copyToTemplate(request: WorkloadRequest, subject: Subject): TemplateChange | null {
  const path = Object.hasOwn(TEMPLATE_PATHS, request.kind) ? TEMPLATE_PATHS[request.kind] : undefined
  const isLate = request.kind === 'Job' && request.operation !== 'CREATE'
  if (path === undefined || isLate || !isRecord(valueAt(request.object, ...path))) return null
  const wish = readWish(request, path)
  const annotations = mergeAnnotations(wish)
  return {
    operations: patchOf(request.object, { path, before: wish.template, after: annotations }),
    findings: findConflicts(wish, subject),
    pod: podOf(request.object, path, annotations),
  }
}

type Texts = Readonly<Record<string, string>>

interface Wish {
  /** The workload's keys that are meant for its pods. */
  readonly workload: Texts
  /** All annotations of the template as it was sent. */
  readonly template: Texts
  readonly copied: readonly string[]
  readonly isUpdate: boolean
  readonly previous: Texts
}

function readWish(request: WorkloadRequest, path: readonly string[]): Wish {
  const template = textsAt(request.object, ...path, 'metadata', 'annotations')
  return {
    workload: ownKeys(textsAt(request.object, 'metadata', 'annotations')),
    template,
    copied: (template[COPIED] ?? '')
      .split(',')
      .filter((key) => isCopyable(key.trim()))
      .map((key) => key.trim()),
    isUpdate: request.operation === 'UPDATE',
    previous: ownKeys(textsAt(request.oldObject, 'metadata', 'annotations')),
  }
}

function ownKeys(annotations: Texts): Texts {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => isCopyable(key)))
}

function isCopyable(key: string): boolean {
  return key.startsWith(ANNOTATION_PREFIX) && !OWN_ANNOTATIONS.includes(key)
}

function mergeAnnotations({ workload, template, copied, isUpdate }: Wish): Texts {
  const merged: Record<string, string> = { ...template }
  const remembered = new Set<string>()
  for (const [key, value] of Object.entries(workload)) {
    if (Object.hasOwn(template, key) && !copied.includes(key)) continue
    merged[key] = value
    remembered.add(key)
  }
  for (const key of copied) {
    if (Object.hasOwn(workload, key)) continue
    if (isUpdate) delete merged[key]
    else remembered.add(key)
  }
  if (remembered.size > 0) merged[COPIED] = [...remembered].toSorted().join(',')
  else delete merged[COPIED]
  return merged
}

interface Merge {
  readonly path: readonly string[]
  readonly before: Texts
  readonly after: Texts
}

function patchOf(object: unknown, { path, before, after }: Merge): readonly PatchOperation[] {
  const target = [...path, 'metadata', 'annotations']
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key))
  const changed = Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key] !== value))
  const hasMetadata = isRecord(valueAt(object, ...path, 'metadata'))
  const parent: readonly PatchOperation[] =
    hasMetadata || Object.keys(changed).length === 0
      ? []
      : [{ op: 'add', path: pointer(...path, 'metadata'), value: {} }]
  return [
    ...parent,
    ...setEntries(object, target, changed),
    ...gone.map((key): PatchOperation => ({ op: 'remove', path: pointer(...target, key) })),
  ]
}

function findConflicts({ workload, template, copied, previous }: Wish, subject: Subject): readonly Finding[] {
  return Object.entries(workload).flatMap(([key, value]): readonly Finding[] => {
    if (!Object.hasOwn(template, key) || template[key] === value) return []
    if (!copied.includes(key)) {
      const message = `${key}: the pod template's own ${quote(template[key])} wins over this object's ${quote(value)}.`
      return [{ subject, path: key, reason: 'TemplateWins', message, severity: 'warning' }]
    }
    if (previous[key] !== value) return []
    const message = `${key} on the pod template follows this object's annotation (${quote(value)}); change it here.`
    return [{ subject, path: key, reason: 'TemplateFollows', message, severity: 'warning' }]
  })
}

function quote(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 24))
}

function podOf(object: unknown, path: readonly string[], annotations: Texts): JsonObject {
  return {
    metadata: { generateName: `${textAt(object, 'metadata', 'name')}-`, annotations },
    spec: valueAt(object, ...path, 'spec'),
  }
}
