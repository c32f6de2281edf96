// The masking of one proxy put together from its parts: one prose scanner, one memory of texts, the detectors' table.
// wiring.ts calls it once; a test may bring its own detection.
import type { Buffer } from 'node:buffer'
import type { KeyRing } from '../table/key-ring.ts'
import type { Logger } from '../telemetry/log.ts'
import { detect } from './detectors/detect.ts'
import { compilePolicy } from './detectors/policy.ts'
import { createProseScanner } from './detectors/prose/prose.ts'
import { readShippedDictionary } from './detectors/prose/shipped.ts'
import { DETECTORS_BY_NAME } from './detectors/table.ts'
import { Inspector, type Detect } from './mask/inspector.ts'
import type { PaceDeps } from './mask/pace.ts'
import type { Labels } from './mask/write.ts'
import { Masking } from './masking.ts'
import { Policies, type PoliciesDeps } from './policies.ts'
import { silentDetectors } from './self-test.ts'

export interface MaskingParts extends PaceDeps {
  readonly keys: Pick<KeyRing, 'find'>
  readonly logger: Pick<Logger, 'error'>
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

export function createMasking({ keys, logger, memoryKey, now, afterTurn, ...parts }: MaskingParts): Masking {
  const prose = createProseScanner(readShippedDictionary)
  const compile = parts.compile ?? ((source) => compilePolicy({ ...source, prose }))
  const policies = new Policies({ keys, compile, silentDetectors: parts.silentDetectors ?? silentDetectors })
  const inspector = new Inspector({ detect: parts.detect ?? detect, memoryKey })
  return new Masking({ keys, policies, inspector, labels: LABELS, logger, now, afterTurn })
}
