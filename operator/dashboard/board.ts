// What the control loop last came to, by namespace: reconcile pins its view here, the dashboard reads it. A namespace
// without resources and pods is taken off, so the board holds no more than the cluster does.
import type { ReconciledNamespace } from '../reconcile.ts'

/** More namespaces than this are not shown; the page says so. */
export const MAX_NAMESPACES = 2000

export class Board {
  readonly #views = new Map<string, ReconciledNamespace>()
  #leftOut = 0

  /** Goes into createControlLoop as `onReconciled`. */
  pin(view: ReconciledNamespace): void {
    const { routes, providers, pods } = view.resources
    if (routes.length + providers.length + pods.length === 0) {
      this.#views.delete(view.namespace)
      return
    }
    if (this.#views.size >= MAX_NAMESPACES && !this.#views.has(view.namespace)) {
      this.#leftOut += 1
      return
    }
    this.#views.set(view.namespace, view)
  }

  /** Newest view of each namespace, by name. */
  views(): readonly ReconciledNamespace[] {
    return [...this.#views.values()].toSorted((one, other) => (one.namespace < other.namespace ? -1 : 1))
  }

  /** True once a namespace had no room. */
  isTruncated(): boolean {
    return this.#leftOut > 0
  }
}
