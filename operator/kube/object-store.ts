// What one reflector knows: the objects of one kind, by namespace, name and uid. As large as the cluster's list of
// that kind and no larger; a new list replaces everything.
export interface StoredObject {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

export class ObjectStore<Item> {
  readonly #identify: (item: Item) => StoredObject
  #byNamespace = new Map<string, Map<string, Item>>()
  #byUid = new Map<string, Item>()

  constructor(identify: (item: Item) => StoredObject) {
    this.#identify = identify
  }

  namespaces(): readonly string[] {
    return [...this.#byNamespace.keys()]
  }

  inNamespace(namespace: string): readonly Item[] {
    return [...(this.#byNamespace.get(namespace)?.values() ?? [])]
  }

  findByUid(uid: string): Item | undefined {
    return this.#byUid.get(uid)
  }

  get size(): number {
    return this.#byUid.size
  }

  set(item: Item): void {
    const { namespace, name, uid } = this.#identify(item)
    this.delete(namespace, name)
    const names = this.#byNamespace.get(namespace) ?? new Map<string, Item>()
    this.#byNamespace.set(namespace, names.set(name, item))
    this.#byUid.set(uid, item)
  }

  delete(namespace: string, name: string): void {
    const names = this.#byNamespace.get(namespace)
    const item = names?.get(name)
    if (!names || item === undefined) return
    names.delete(name)
    if (names.size === 0) this.#byNamespace.delete(namespace)
    this.#byUid.delete(this.#identify(item).uid)
  }

  /** Returns the namespaces that had something before or have something now. */
  replaceAll(items: readonly Item[]): ReadonlySet<string> {
    const before = this.namespaces()
    this.#byNamespace = new Map()
    this.#byUid = new Map()
    for (const item of items) this.set(item)
    return new Set([...before, ...this.namespaces()])
  }
}
