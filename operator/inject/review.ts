// AdmissionReview v1 (admission.k8s.io), in and out, on raw JSON. Reads what the webhook needs of a request and writes
// the answer; decides nothing.
import type { Finding } from '../finding.ts'
import { isRecord, objectAt, textAt, valueAt } from './json.ts'
import type { PatchOperation } from './json-patch.ts'

/** The API server cuts warnings at 256 characters, and all of them together at 4096. */
export const MAX_WARNING_CHARACTERS = 256
export const MAX_WARNINGS = 16
/** Of the sentence that refuses; it ends up in Events. */
export const MAX_MESSAGE_CHARACTERS = 1024

export interface AdmissionRequest {
  readonly uid: string
  readonly kind: string
  readonly operation: string
  readonly subResource: string
  readonly namespace: string
  readonly name: string
  readonly isDryRun: boolean
  readonly object: unknown
  /** Null on CREATE. */
  readonly oldObject: unknown
}

/** Null when the body is no AdmissionReview v1 with a uid to answer to. */
export function parseReview(body: unknown): AdmissionRequest | null {
  const request = objectAt(body, 'request')
  const uid = textAt(request, 'uid')
  if (textAt(body, 'apiVersion') !== 'admission.k8s.io/v1' || uid === '') return null
  return {
    uid,
    kind: textAt(request, 'kind', 'kind'),
    operation: textAt(request, 'operation'),
    subResource: textAt(request, 'subResource'),
    namespace: textAt(request, 'namespace'),
    name: textAt(request, 'name') || textAt(request, 'object', 'metadata', 'generateName'),
    isDryRun: valueAt(request, 'dryRun') === true,
    object: valueAt(request, 'object'),
    oldObject: isRecord(request['oldObject']) ? request['oldObject'] : null,
  }
}

export interface ReviewAnswer {
  readonly uid: string
  readonly operations: readonly PatchOperation[]
  /** With an error among them the request is denied, with all errors' sentences as the reason. */
  readonly findings: readonly Finding[]
  readonly isAllowed: boolean
}

export function formatReview({ uid, operations, findings, isAllowed }: ReviewAnswer): object {
  const sentences = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).map((finding) => finding.message)
  const warnings = [...new Set(sentences('warning'))]
    .slice(0, MAX_WARNINGS)
    .map((text) => cut(text, MAX_WARNING_CHARACTERS))
  const response = {
    uid,
    allowed: isAllowed,
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(isAllowed && operations.length > 0 ? { patchType: 'JSONPatch', patch: encode(operations) } : {}),
    ...(isAllowed ? {} : { status: refusal(sentences('error')) }),
  }
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}

function refusal(sentences: readonly string[]): object {
  return { code: 422, reason: 'Invalid', message: cut([...new Set(sentences)].join(' '), MAX_MESSAGE_CHARACTERS) }
}

function encode(operations: readonly PatchOperation[]): string {
  return Buffer.from(JSON.stringify(operations), 'utf8').toString('base64')
}

function cut(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 3)}...`
}
