// The work on bodies put together from its parts: one prose scanner, one memory of texts, the detectors' table. Loaded
// where it runs: in the thread of its own, or here for tests that bring their own detection.
import type { Buffer } from 'node:buffer'
import { detect } from '../detectors/detect.ts'
import { compilePolicy } from '../detectors/policy.ts'
import { exercise } from '../detectors/exercise.ts'
import { createProseScanner } from '../detectors/prose/prose.ts'
import { readShippedDictionary } from '../detectors/prose/shipped.ts'
import { DETECTORS_BY_NAME } from '../detectors/table.ts'
import { Inspector, type Detect } from '../mask/inspector.ts'
import type { PaceDeps } from '../mask/pace.ts'
import type { Labels } from '../mask/write.ts'
import { Policies, type PoliciesDeps } from './policies.ts'
import { silentDetectors } from './self-test.ts'
import { BodyWork } from './body-work.ts'

export interface BodyWorkParts extends PaceDeps {
  /** Random bytes of this process. */
  readonly memoryKey: Buffer
  /** In place of the detectors' own. */
  readonly detect?: Detect
  readonly compile?: PoliciesDeps['compile']
  readonly silentDetectors?: PoliciesDeps['silentDetectors']
}

const LABELS: Labels = {
  wordOf: (type) => DETECTORS_BY_NAME.get(type)?.placeholderWord ?? 'VALUE',
  isOneWay: (type) => DETECTORS_BY_NAME.get(type)?.isOneWay ?? false,
}

export function createBodyWork({ memoryKey, now, afterTurn, ...parts }: BodyWorkParts): BodyWork {
  const prose = createProseScanner(readShippedDictionary)
  const compile = parts.compile ?? ((source) => compilePolicy({ ...source, prose }))
  const policies = new Policies({ compile, silentDetectors: parts.silentDetectors ?? silentDetectors })
  const inspector = new Inspector({ detect: parts.detect ?? detect, memoryKey })
  return new BodyWork({ policies, inspector, labels: LABELS, exercise, now, afterTurn })
}
