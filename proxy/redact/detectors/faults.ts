// What is wrong with a rule's `redact` that its schema cannot know: names that no detector has, unsafe patterns. Pure.
//
//   Redaction -> errors (the rule cannot mask what it should) + warnings (it masks at least that)
//
// Read by the operator when a ModelRoute changes, so it imports names and the syntax of patterns, and none of the
// scanners.
import type { Redaction } from '../../table/schema.ts'
import { checkPattern } from './patterns/syntax.ts'
import { DETECTORS_BY_NAME } from './table.ts'

export interface RedactionFault {
  /** Within `redact`: `add[1]`. */
  readonly path: string
  readonly message: string
}

export interface RedactionFaults {
  readonly errors: readonly RedactionFault[]
  readonly warnings: readonly RedactionFault[]
}

export function redactionFaults({ add, remove, patterns }: Redaction): RedactionFaults {
  return {
    errors: [...unknownNames('add', add), ...(patterns ?? []).flatMap(unsafePattern)],
    warnings: unknownNames('remove', remove),
  }
}

function unsafePattern({ name, pattern }: { name: string; pattern: string }, index: number): readonly RedactionFault[] {
  const check = checkPattern(pattern)
  if (check.kind === 'ok') return []
  return [{ path: `patterns[${index}].pattern`, message: `pattern "${name}" cannot be run: ${check.reason}` }]
}

function unknownNames(field: string, names: readonly string[]): readonly RedactionFault[] {
  return names.flatMap((name, index) =>
    DETECTORS_BY_NAME.has(name)
      ? []
      : [
          {
            path: `${field}[${index}]`,
            message: `there is no detector "${name}": docs/reference/detectors.md lists them`,
          },
        ],
  )
}
