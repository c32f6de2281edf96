// JSON Patch as the API server applies it: strict about paths that do not exist, so that a patch that is only nearly
// right fails here and not in a cluster. Never changes its input.

export interface Operation {
  readonly op: string
  readonly path: string
  readonly value?: unknown
}

export function applyJsonPatch(document: unknown, operations: readonly Operation[]): unknown {
  const copy: unknown = structuredClone(document)
  for (const operation of operations) applyOne(copy, operation)
  return copy
}

function applyOne(document: unknown, { op, path, value }: Operation): void {
  const segments = path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = segments.pop()
  if (last === undefined) throw new Error('A patch of the whole document is not expected here.')
  const parent = segments.reduce((current, segment) => child(current, segment, path), document)
  if (Array.isArray(parent)) applyToList(parent, { op, path: last, value })
  else if (typeof parent === 'object' && parent !== null)
    applyToMap(parent as Record<string, unknown>, { op, path: last, value })
  else throw new Error(`${op} ${path}: the parent is neither a map nor a list.`)
}

function child(current: unknown, segment: string, path: string): unknown {
  if (Array.isArray(current) && Number(segment) < current.length) return current[Number(segment)]
  if (typeof current === 'object' && current !== null && Object.hasOwn(current, segment)) {
    return (current as Record<string, unknown>)[segment]
  }
  throw new Error(`${path}: there is no "${segment}".`)
}

function applyToList(list: unknown[], { op, path, value }: Operation): void {
  const index = path === '-' ? list.length : Number(path)
  const limit = op === 'add' ? list.length : list.length - 1
  if (!Number.isInteger(index) || index < 0 || index > limit)
    throw new Error(`${op} ${path}: not an index of the list.`)
  if (op === 'add') list.splice(index, 0, structuredClone(value))
  else if (op === 'replace') list.splice(index, 1, structuredClone(value))
  else if (op === 'remove') list.splice(index, 1)
  else throw new Error(`${op} is not known for lists.`)
}

function applyToMap(map: Record<string, unknown>, { op, path, value }: Operation): void {
  if (op !== 'add' && !Object.hasOwn(map, path)) throw new Error(`${op} ${path}: there is no such key.`)
  if (op === 'remove') delete map[path]
  else if (op === 'add' || op === 'replace') map[path] = structuredClone(value)
  else if (op !== 'test' || map[path] !== value) throw new Error(`${op} ${path} failed.`)
}
