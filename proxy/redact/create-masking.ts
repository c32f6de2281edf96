// The masking of one proxy put together from its parts. Texts are looked at in a thread of its own, unless a test
// brings its own detection, which runs here.
import type { Buffer } from 'node:buffer'
import type { KeyRing } from '../table/key-ring.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Timers } from '../upstream/timers.ts'
import { Masking } from './masking.ts'
import { PolicyOrders } from './policy-orders.ts'
import type { BodyWorkParts } from './work/create-body-work.ts'
import { DetachedWork } from './work/detached-work.ts'
import type { MaskWork } from './work/job.ts'

export interface MaskingParts extends BodyWorkParts {
  readonly keys: Pick<KeyRing, 'find'>
  readonly logger: Pick<Logger, 'error'>
  readonly timers: Timers
  /** Random bytes of this process. */
  readonly memoryKey: Buffer
  /** The code of the thread, in place of the proxy's own. */
  readonly threadUrl?: URL
}

export async function createMasking(parts: MaskingParts): Promise<Masking> {
  const { keys, logger } = parts
  return new Masking({ keys, orders: new PolicyOrders(keys), work: await createWork(parts), logger })
}

async function createWork(parts: MaskingParts): Promise<MaskWork> {
  const isOwn = parts.detect === undefined && parts.compile === undefined && parts.silentDetectors === undefined
  if (isOwn) return new DetachedWork(parts)
  const { createBodyWork } = await import('./work/create-body-work.ts')
  return createBodyWork(parts)
}
