// Which change makes the API server trust our webhooks: one JSON patch that touches only `caBundle` of the webhooks in
// the chart's MutatingWebhookConfiguration. The chart never renders that field, so nobody else owns it. Pure; sent by
// serving-certificates.ts whenever the field differs, also after somebody has replaced the whole object.
import { isRecord } from './json.ts'
import type { PatchOperation } from './json-patch.ts'

/** Empty when every webhook has the bundle already. A `test` on the name keeps a reordered list from being mixed up. */
export function caBundlePatch(configuration: unknown, bundlePem: string): readonly PatchOperation[] {
  const caBundle = Buffer.from(bundlePem, 'utf8').toString('base64')
  const webhooks = isRecord(configuration) && Array.isArray(configuration['webhooks']) ? configuration['webhooks'] : []
  return webhooks.flatMap((webhook: unknown, index): readonly PatchOperation[] => {
    if (!isRecord(webhook) || !isRecord(webhook['clientConfig'])) return []
    if (webhook['clientConfig']['caBundle'] === caBundle) return []
    return [
      { op: 'test', path: `/webhooks/${index}/name`, value: webhook['name'] },
      { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: caBundle },
    ]
  })
}
