// Proves that each enabled detector fires on its own sample: switches that do nothing are the quiet failures of this
// trade. Run once for each policy of a table, before it masks its first call. Pure.
//
//   DetectionPolicy -> every enabled row's sample -> its scanners -> the detectors that stayed silent
import type { Detection, DetectorName } from '../detectors/detection.ts'
import type { DetectionPolicy } from '../detectors/policy.ts'
import { DETECTORS_BY_NAME } from '../detectors/table.ts'

/** Names of the enabled detectors that do not see their sample; empty when all is well. */
export function silentDetectors(policy: DetectionPolicy): readonly DetectorName[] {
  return policy.enabled.filter((name) => {
    const sample = DETECTORS_BY_NAME.get(name)?.sample ?? ''
    return sample !== '' && !fires(name, sample, policy)
  })
}

function fires(name: DetectorName, sample: string, { scanners, isEnabled }: DetectionPolicy): boolean {
  const found: Detection[] = []
  for (const scan of scanners) scan(sample, found, { isEnabled, label: null })
  return found.some(({ type }) => type === name)
}
