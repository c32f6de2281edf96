// JSON Patch (RFC 6902), the one language admission answers in: the operations, pointers with `~` and `/` escaped, and
// the difference of two maps. Knows nothing about pods.
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** `pointer('metadata', 'annotations', 'modelroute.dev/inject')` -> `/metadata/annotations/modelroute.dev~1inject`. */
export function pointer(...segments: readonly (string | number)[]): string {
  return segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
