// How much CPU and memory the sidecar asks for, and the pod's quality of service that must not suffer from it.
//
//   the pod is Guaranteed  -> limits = requests, CPU wide enough to serve bursts
//   any other pod          -> no CPU limit (throttling would delay every call), a memory limit
//
// A value the pod's author wrote always counts; a memory limit grows with a larger request. Pure.
import type { Finding, Subject } from '../finding.ts'
import { allContainers } from './facts.ts'
import { isRecord, type JsonObject, objectAt, valueAt } from './json.ts'
import { parseQuantity, quantityOf } from './quantity.ts'
import type { Settings } from './settings.ts'

/** CPU in a Guaranteed pod, where the request is the limit. */
export const GUARANTEED_CPU = '200m'

export interface ResourceDefaults {
  readonly requests: { readonly cpu: string; readonly memory: string }
  readonly limits: { readonly cpu?: string | undefined; readonly memory: string }
}

export interface SidecarResources {
  readonly requests: { readonly cpu: string; readonly memory: string }
  readonly limits: { readonly cpu?: string; readonly memory: string }
}

export function chooseResources(settings: Settings, defaults: ResourceDefaults, pod: unknown): SidecarResources {
  if (isGuaranteed(pod)) return guaranteedResources(settings, defaults)
  const requests = {
    cpu: settings['proxy-cpu'] ?? atMost(defaults.requests.cpu, settings['proxy-cpu-limit']),
    memory: settings['proxy-memory'] ?? atMost(defaults.requests.memory, settings['proxy-memory-limit']),
  }
  const memory = settings['proxy-memory-limit'] ?? atLeast(defaults.limits.memory, requests.memory)
  const cpu = settings['proxy-cpu-limit'] ?? defaults.limits.cpu
  return { requests, limits: cpu === undefined ? { memory } : { cpu: atLeast(cpu, requests.cpu), memory } }
}

function guaranteedResources(settings: Settings, defaults: ResourceDefaults): SidecarResources {
  const cpu = settings['proxy-cpu-limit'] ?? settings['proxy-cpu'] ?? atLeast(GUARANTEED_CPU, defaults.requests.cpu)
  const memory =
    settings['proxy-memory-limit'] ??
    settings['proxy-memory'] ??
    atLeast(defaults.limits.memory, defaults.requests.memory)
  return {
    requests: { cpu: settings['proxy-cpu'] ?? cpu, memory: settings['proxy-memory'] ?? memory },
    limits: { cpu, memory },
  }
}

/** Requests above limits are refused here with the annotation's name; the API server's own sentence lacks it. */
export function checkResources(chosen: SidecarResources, pod: unknown, subject: Subject): readonly Finding[] {
  const { requests, limits } = chosen
  const above = (['cpu', 'memory'] as const).filter((name) => isAbove(requests[name], limits[name]))
  const errors = above.map((name): Finding => ({
    subject,
    path: `modelroute.dev/proxy-${name}`,
    reason: 'RequestAboveLimit',
    message: `modelroute.dev/proxy-${name} asks for ${requests[name]}, above the sidecar's limit of ${limits[name]}.`,
    severity: 'error',
  }))
  const isEqual = requests.cpu === limits.cpu && requests.memory === limits.memory
  if (errors.length > 0 || isEqual || !isGuaranteed(pod)) return errors
  const message = "modelroute: the sidecar's requests and limits differ, so this pod is Burstable, not Guaranteed."
  return [{ subject, path: 'modelroute.dev/proxy-cpu', reason: 'NoLongerGuaranteed', message, severity: 'warning' }]
}

/** By the kubelet's rule: CPU and memory limits everywhere, equal to the requests; the pod's own decide first. */
export function isGuaranteed(pod: unknown): boolean {
  const own = valueAt(pod, 'spec', 'resources')
  if (isRecord(own) && Object.keys(own).length > 0) return hasEqualLimits(own)
  const containers = allContainers(pod)
  return containers.length > 0 && containers.every((container) => hasEqualLimits(objectAt(container, 'resources')))
}

function hasEqualLimits(resources: JsonObject): boolean {
  return ['cpu', 'memory'].every((name) => {
    const limit = quantityOf(valueAt(resources, 'limits', name))
    // A request that is not written is the limit: the API server's own default.
    const request = quantityOf(valueAt(resources, 'requests', name) ?? valueAt(resources, 'limits', name))
    return limit !== null && limit > 0 && request === limit
  })
}

function isAbove(request: string, limit: string | undefined): boolean {
  return limit !== undefined && (parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? 0)
}

function atLeast(text: string, lowest: string): string {
  return isAbove(lowest, text) ? lowest : text
}

function atMost(text: string, highest: string | undefined): string {
  return highest !== undefined && isAbove(text, highest) ? highest : text
}
