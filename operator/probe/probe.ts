// Waits until the webhook really answers: dry-run creates a ModelRoute `webhook-probe` again and again, until it comes
// back with the annotation that only the webhook can have set. The last step of an installation.
//
//   API server -> webhook configuration + caBundle -> Service -> operator -> patch -> back here
//
// Nothing is created: every request is a dry run. What to print and how to end is main.ts's part.
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import { PROBE } from '../inject/names.ts'
import { type ApiResponse, ApiUnreachable, type KubeApi } from '../kube/api.ts'

export const ATTEMPT_INTERVAL_MS = 1_000
/** Above the timeout of the webhook itself, so that its own reason comes back. */
export const ATTEMPT_TIMEOUT_MS = 35_000

export interface ProbeDeps {
  readonly api: KubeApi
  readonly clock: Clock
  readonly logger: Logger
}

export interface ProbeSettings {
  readonly namespace: string
  readonly timeoutMs: number
}

/** `reason` is what the last attempt met. */
export type ProbeResult =
  | { readonly kind: 'answered'; readonly attempts: number }
  | { readonly kind: 'silent'; readonly attempts: number; readonly reason: string }

export async function probeWebhook(settings: ProbeSettings, deps: ProbeDeps): Promise<ProbeResult> {
  const endMs = deps.clock.now() + settings.timeoutMs
  let reason = ''
  for (let attempts = 1; ; attempts += 1) {
    const fault = await attempt(settings.namespace, deps.api)
    if (fault === null) return { kind: 'answered', attempts }
    if (fault !== reason) deps.logger.info({ attempts }, fault)
    reason = fault
    if (deps.clock.now() + ATTEMPT_INTERVAL_MS > endMs) return { kind: 'silent', attempts, reason }
    await pause(deps.clock)
  }
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.after(ATTEMPT_INTERVAL_MS, resolve))
}

/** Null when the webhook has answered, else why not. */
async function attempt(namespace: string, api: KubeApi): Promise<string | null> {
  try {
    const response = await api.request({
      method: 'POST',
      path: `/apis/modelroute.dev/v1alpha1/namespaces/${namespace}/modelroutes?dryRun=All`,
      body: probeRoute,
      timeoutMs: ATTEMPT_TIMEOUT_MS,
    })
    return faultOf(response)
  } catch (cause) {
    if (cause instanceof ApiUnreachable) return `the API server does not answer: ${cause.message}`
    throw cause
  }
}

function faultOf({ status, body }: ApiResponse): string | null {
  const object = body as { metadata?: { annotations?: Record<string, string> }; message?: string } | null
  if (status !== 201) return `the API server answered ${status}: ${object?.message ?? 'without a reason'}`
  if (object?.metadata?.annotations?.[PROBE] === 'answered') return null
  return 'the API server does not call the webhook yet'
}

/** Valid by itself, so that only the webhook can make the difference. It selects no pod. */
const probeRoute = {
  apiVersion: 'modelroute.dev/v1alpha1',
  kind: 'ModelRoute',
  metadata: { name: 'webhook-probe' },
  spec: {
    podSelector: { matchLabels: { 'modelroute.dev/webhook-probe': 'none' } },
    rules: [{ name: 'none', backends: [{ providerRef: { name: 'none' } }] }],
  },
}
