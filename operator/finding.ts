// The one currency for a user's mistakes: checks, settings, translate, admission warnings, Events and status
// conditions all speak in Findings.

export interface Subject {
  readonly kind: 'ModelRoute' | 'ModelProvider' | 'Pod' | 'Workload'
  readonly namespace: string
  readonly name: string
}

export interface Finding {
  readonly subject: Subject
  /** Where, in the user's own words: `spec.rules[0].backends[1].providerRef.name` or an annotation's key. */
  readonly path: string
  /** A stable CamelCase word for machines: `ProviderNotFound`. */
  readonly reason: string
  /** A whole sentence: what is wrong, where, and what to do or which limit was met. No secrets. */
  readonly message: string
  /** An error keeps the thing from working; a warning does not. */
  readonly severity: 'error' | 'warning'
}

/** A resource as the subject of what was found about it. */
export function subjectOf(
  kind: Subject['kind'],
  { metadata }: { readonly metadata: { readonly namespace: string; readonly name: string } },
): Subject {
  return { kind, namespace: metadata.namespace, name: metadata.name }
}
