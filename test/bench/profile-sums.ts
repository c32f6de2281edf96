// Sums over a CPU profile. Pure. Time of native code (a write to a socket, a regular expression) has no place of its
// own; it goes to the owner of the JavaScript that called it.

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: CallFrame
  readonly children?: readonly number[]
}

interface CallFrame {
  readonly functionName: string
  readonly url: string
  /** From 0. */
  readonly lineNumber: number
}

export interface ProfileLine {
  readonly name: string
  readonly share: number
}

const NOT_BUSY: ReadonlySet<string> = new Set(['(idle)', '(root)'])

/** Share of the busy time that each function itself took, native code included, largest first. */
export function selfByFunction(profile: CpuProfile): ProfileLine[] {
  return sumBy(profile, ({ callFrame }) =>
    `${callFrame.functionName || '(anonymous)'}  ${placeOf(callFrame)}`.trimEnd(),
  )
}

/** The same by package, by file of the proxy, and by module of Node. */
export function selfByOwner(profile: CpuProfile): ProfileLine[] {
  const parents = new Map<number, ProfileNode>()
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node)
  const ownerOf = (node: ProfileNode): string => {
    let at: ProfileNode | undefined = node
    while (at !== undefined && at.callFrame.url === '') at = parents.get(at.id)
    return at === undefined ? node.callFrame.functionName : ownerOfUrl(at.callFrame.url)
  }
  return sumBy(profile, ownerOf)
}

function sumBy(profile: CpuProfile, nameOf: (node: ProfileNode) => string): ProfileLine[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const totals = new Map<string, number>()
  let busyUs = 0
  for (const [index, id] of profile.samples.entries()) {
    const node = nodes.get(id)
    if (node === undefined || NOT_BUSY.has(node.callFrame.functionName)) continue
    const spentUs = profile.timeDeltas[index] ?? 0
    const name = nameOf(node)
    totals.set(name, (totals.get(name) ?? 0) + spentUs)
    busyUs += spentUs
  }
  const lines = [...totals].map(([name, spentUs]) => ({ name, share: spentUs / busyUs }))
  return lines.sort((left, right) => right.share - left.share)
}

function placeOf({ url, lineNumber }: CallFrame): string {
  return url === '' ? '' : `${shortened(url)}:${lineNumber + 1}`
}

function ownerOfUrl(url: string): string {
  const name = shortened(url)
  return /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? name
}

function shortened(url: string): string {
  return url.replace(/^wasm:.*$/, 'wasm').replace(/^file:\/\/.*?\/(?=node_modules\/|proxy\/)/, '')
}
