// Which question an admission path asks, and its answer: the table between HTTP and the pure injector.
//
//   /inject            pods that carry modelroute.dev/inject
//   /inject-namespace  pods of a labelled namespace without that annotation
//   /template          workloads whose annotations differ from their template's
//   /probe             the chart's hook: a dry run of a ModelRoute that shows that this webhook really answers
import type { Finding } from '../finding.ts'
import { isRecord, valueAt } from './json.ts'
import { type PatchOperation, setEntries } from './json-patch.ts'
import { PROBE, PROBE_ANSWER } from './names.ts'
import { admitPod, type InjectionContext } from './pod.ts'
import type { AdmissionRequest } from './review.ts'
import { admitWorkload } from './workload.ts'

export interface Answer {
  readonly verdict: 'inject' | 'keep' | 'copy' | 'skip' | 'refuse' | 'probe'
  readonly reason: string
  readonly operations: readonly PatchOperation[]
  readonly findings: readonly Finding[]
}

export type Route = (request: AdmissionRequest, context: InjectionContext) => Answer

const OTHER: Answer = { verdict: 'skip', reason: 'NotOurs', operations: [], findings: [] }

export const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  [
    '/inject',
    (request, context) => (isNewPod(request) ? admitPod(request.object, asked('pod', request), context) : OTHER),
  ],
  [
    '/inject-namespace',
    (request, context) => (isNewPod(request) ? admitPod(request.object, asked('namespace', request), context) : OTHER),
  ],
  [
    '/template',
    (request, context) => (request.subResource === '' && hasBody(request) ? admitWorkload(request, context) : OTHER),
  ],
  ['/probe', answerProbe],
])

/** Updates and subresources (ephemeral containers, eviction) are left alone, whatever the configuration sends. */
function isNewPod(request: AdmissionRequest): boolean {
  return request.kind === 'Pod' && request.operation === 'CREATE' && request.subResource === '' && hasBody(request)
}

/** Without these two the API server will refuse the object itself, and a patch would have nothing to hold on to. */
function hasBody({ object }: AdmissionRequest): boolean {
  return isRecord(valueAt(object, 'metadata')) && isRecord(valueAt(object, 'spec'))
}

function asked(asker: 'pod' | 'namespace', request: AdmissionRequest) {
  return { asker, namespace: request.namespace }
}

/** Only a dry run is marked; a ModelRoute that somebody really calls like this stays as it is. */
function answerProbe(request: AdmissionRequest): Answer {
  if (!request.isDryRun || !hasBody(request)) return OTHER
  const operations = setEntries(request.object, ['metadata', 'annotations'], { [PROBE]: PROBE_ANSWER })
  return { verdict: 'probe', reason: 'DryRun', operations, findings: [] }
}
