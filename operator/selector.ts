// Kubernetes label selectors over a pod's labels: every label and every expression must hold; `{}` selects all.
// Pure; the semantics are those of metav1.LabelSelector.
import type { ModelRouteSpec } from '../crds/model-route.ts'

export type LabelSelector = ModelRouteSpec['podSelector']
export type Labels = Readonly<Record<string, string>>

export function selects(selector: LabelSelector, labels: Labels): boolean {
  const wanted = Object.entries(selector.matchLabels ?? {})
  return (
    wanted.every(([key, value]) => own(labels, key) === value) &&
    (selector.matchExpressions ?? []).every((expression) => holds(expression, own(labels, expression.key)))
  )
}

/** `{}` and its longer spellings: the selector of a route that is meant for everybody. */
export function selectsEverything(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
}

function holds(expression: NonNullable<LabelSelector['matchExpressions']>[number], value: string | undefined): boolean {
  const values = expression.values ?? []
  switch (expression.operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}

/** A label called `constructor` is the pod's own or it is not there. */
function own(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined
}
