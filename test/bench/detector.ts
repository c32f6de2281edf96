// The standard profile as the corpus scorer wants a detector: text in, spans out. Not part of the product.
// oxlint-disable import/no-default-export -- the scorer asks for it

import { detect } from '../../proxy/redact/detectors/detect.ts'
import { compilePolicy } from '../../proxy/redact/detectors/policy.ts'
import { DETECTORS_BY_NAME } from '../../proxy/redact/detectors/table.ts'

const policy = compilePolicy({
  redaction: { profile: 'Standard', add: [], remove: [], mode: 'Enforce', onFailure: 'Refuse' },
  wordLists: new Map(),
})

export default function detector(text: string): { start: number; end: number; type: string }[] {
  return detect(text, policy).map(({ start, end, type }) => ({
    start,
    end,
    type: DETECTORS_BY_NAME.get(type)?.kind ?? type,
  }))
}
