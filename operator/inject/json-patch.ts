// JSON Patch (RFC 6902), the one language admission answers in: the operations, pointers with `~` and `/` escaped, and
// additions to maps and lists that may not be there yet. Knows nothing about pods.
import { objectAt, valueAt } from './json.ts'

export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** `pointer('metadata', 'annotations', 'modelroute.dev/inject')` -> `/metadata/annotations/modelroute.dev~1inject`. */
export function pointer(...segments: readonly (string | number)[]): string {
  return segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** What makes these entries of the map at `path` so; entries that are so already need nothing. */
export function setEntries(
  document: unknown,
  path: readonly string[],
  entries: Readonly<Record<string, string>>,
): readonly PatchOperation[] {
  const present = objectAt(document, ...path)
  const missing = Object.entries(entries).filter(([key, value]) => present[key] !== value)
  if (missing.length === 0) return []
  if (Object.keys(present).length === 0) {
    return [{ op: 'add', path: pointer(...path), value: Object.fromEntries(missing) }]
  }
  return missing.map(([key, value]) => ({ op: 'add', path: pointer(...path, key), value }))
}

/** Appends to the list at `path`, which is created when it is absent or null. */
export function appendItems(
  document: unknown,
  path: readonly (string | number)[],
  items: readonly unknown[],
): readonly PatchOperation[] {
  if (items.length === 0) return []
  if (!Array.isArray(itemAt(document, path))) return [{ op: 'add', path: pointer(...path), value: items }]
  return items.map((value) => ({ op: 'add', path: pointer(...path, '-'), value }))
}

function itemAt(document: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((current, segment) => {
    return Array.isArray(current) ? current[Number(segment)] : valueAt(current, String(segment))
  }, document)
}
