// The work on one body: where its texts are, what in them is private, and the bytes that leave. Everything that looks
// at text happens here, and nowhere else on the way out; it runs in a thread of its own (detached-work.ts).
//
//   MaskJob -> policy -> walk -> find -> write -> MaskResult
import { Buffer } from 'node:buffer'
import { failure, type Failure } from '../../errors.ts'
import type { DetectionPolicy } from '../detectors/policy.ts'
import { findAll, type Inspected } from '../mask/find-all.ts'
import { LITERAL } from '../mask/findings.ts'
import type { Inspector, NamedPolicy } from '../mask/inspector.ts'
import { Pace, type PaceDeps } from '../mask/pace.ts'
import { viewsOf } from '../mask/views.ts'
import { writeMasked, type Labels } from '../mask/write.ts'
import { headersWithoutFindings, queryWithoutFindings } from './outgoing.ts'
import { Codes } from '../placeholder/placeholder.ts'
import type { Policies } from './policies.ts'
import type { Walked } from '../walk/document.ts'
import { walkRequest } from '../walk/shapes.ts'
import type { CountedBody, MaskedBody, MaskJob, MaskResult, MaskWork, PolicyOrder } from './job.ts'

export interface BodyWorkDeps extends PaceDeps {
  readonly policies: Policies
  readonly inspector: Inspector
  readonly labels: Labels
  /** Detects in texts of its own, one a step, so that the first call finds everything compiled. */
  readonly exercise: (policy: DetectionPolicy) => Iterator<number>
}

interface Read {
  readonly kind: 'read'
  readonly walked: Walked
  readonly inspected: Inspected
  readonly named: NamedPolicy
  readonly pace: Pace
}

export class BodyWork implements MaskWork {
  readonly #deps: BodyWorkDeps

  constructor(deps: BodyWorkDeps) {
    this.#deps = deps
  }

  /** A detector that throws is a failure of masking like any other. */
  async mask(job: MaskJob, deps: PaceDeps = this.#deps): Promise<MaskResult> {
    try {
      const read = await this.#read(job, deps)
      if (read.kind === 'failure') return read
      return job.policy.redaction.mode === 'DryRun' ? counted(read) : await this.#written(job, read)
    } catch (error) {
      return { kind: 'fault', name: error instanceof Error ? error.name : 'unknown' }
    }
  }

  prepare(policy: PolicyOrder, rule: string): Promise<Failure | null> {
    return Promise.resolve(this.#faultOf(policy, rule))
  }

  /** Null: the rule's policy does not work. */
  exercise(policy: PolicyOrder, rule: string): Iterator<number> | null {
    const named = this.#deps.policies.of(policy, rule)
    return 'kind' in named ? null : this.#deps.exercise(named.policy)
  }

  close(): void {}

  #faultOf(policy: PolicyOrder, rule: string): Failure | null {
    try {
      const named = this.#deps.policies.of(policy, rule)
      return 'kind' in named ? named : null
    } catch {
      // What it says may hold the rule's own words.
      return failure('masking_failed', `The detection of rule ${rule} cannot be made ready.`)
    }
  }

  async #read(job: MaskJob, deps: PaceDeps): Promise<Read | Failure> {
    const { policy, rule, body, dialect, operation, path, contentType } = job
    const named = this.#deps.policies.of(policy, rule)
    if ('kind' in named) return named
    const pace = new Pace(body.length, deps)
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    const walked = walkRequest({ bytes, dialect, operation, path, contentType })
    if (walked.kind === 'failure') return walked
    const inspected = await findAll(walked, { inspector: this.#deps.inspector, named, pace })
    if (inspected.kind === 'failure') return inspected
    if (policy.redaction.profile === 'Strict' && walked.notInspected + inspected.notInspected > 0) {
      return failure('content_not_inspected', `Rule ${rule} sends nothing that cannot be read, and this holds some.`)
    }
    return { kind: 'read', walked, inspected, named, pace }
  }

  async #written(job: MaskJob, { walked, inspected, named, pace }: Read): Promise<MaskedBody | Failure> {
    const isPrivate = (text: string) => this.#holdsAny(text, named)
    if (job.oddModel !== null && isPrivate(job.oddModel)) {
      return failure('part_not_maskable', 'The name of the model in the path holds a value that this rule masks.')
    }
    const codes = new Codes(job.codesKey)
    const previousCodes = job.previousCodesKey && new Codes(job.previousCodesKey)
    const deps = { ...this.#deps.labels, codes, previousCodes, pace }
    const { body, map, maskedByType, sent } = await writeMasked(walked.document, inspected.texts, deps)
    return {
      kind: 'masked',
      body: body === walked.document.bytes ? null : body,
      map: map.parts(),
      rawHeaders: headersWithoutFindings(job.rawHeaders, isPrivate),
      query: queryWithoutFindings(job.query, isPrivate),
      asksForJson: walked.asksForJson,
      maskedByType,
      sent,
      notInspected: walked.notInspected + inspected.notInspected,
    }
  }

  #holdsAny(text: string, named: NamedPolicy): boolean {
    const readings = [text, ...viewsOf(text).map((view) => view.text)]
    return readings.some((reading) => this.#deps.inspector.inspect(reading, null, named).length > 0)
  }
}

function counted({ walked, inspected }: Read): CountedBody {
  const foundByType = new Map<string, number>()
  for (const { replacements } of inspected.texts) {
    for (const { type, share } of replacements) {
      if (share[0] === 0 && type !== LITERAL) foundByType.set(type, (foundByType.get(type) ?? 0) + 1)
    }
  }
  return { kind: 'counted', foundByType, notInspected: walked.notInspected + inspected.notInspected }
}
