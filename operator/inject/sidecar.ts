// The sidecar's container and volumes: the only place that has them (the chart does not). Pure data from settings.
//
// A native sidecar (an init container that restarts): it starts before the application's own init containers, ends
// after the application, and lets Jobs complete. The startup probe holds the application back until the port is ours
// and a table has come or 10 s have passed. There is no preStop: it would run together with the application's.
//
// The identity token is readable for user 65532 in every pod: the kubelet gives a projected token mode 0600 only when
// all containers run as one user (then it is that user's) or the pod has an fsGroup (then the group, which the sidecar
// is in, may read it); else it keeps the volume's mode, 0644.
import type { LogLevel } from '../../proxy/telemetry/log.ts'
import {
  cacheEnvironment,
  cacheMounts,
  cacheVolumes,
  planCache,
  withRoomFor,
  type CacheDefaults,
  type CacheRoom,
} from './cache-room.ts'
import type { SdkDialect } from './dialect-variables.ts'
import { type JsonObject, valueAt } from './json.ts'
import {
  ADMIN_PORT_NAME,
  API_TOKEN_PATH,
  IDENTITY_PATH,
  NO_API_TOKEN_VOLUME,
  OPERATOR_CA,
  SIDECAR,
  SIDECAR_USER,
  STATE_PATH,
  STATE_VOLUME,
  TOKEN_VOLUME,
} from './names.ts'
import { workloadOf } from './owner.ts'
import { chooseResources, type ResourceDefaults, type SidecarResources } from './resources.ts'
import type { Settings } from './settings.ts'

export const PROXY_PORT = 4141
export const ADMIN_PORT = 4142
export const DRAIN_SECONDS = 25
/** What the kubelet keeps of the grace period for itself, and the proxy for closing. */
export const GRACE_RESERVE_SECONDS = 5
const DEFAULT_GRACE_SECONDS = 30

/** What the operator's own settings say about every sidecar. */
export interface SidecarDefaults {
  readonly image: string
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never'
  readonly resources: ResourceDefaults
  readonly logLevel: LogLevel
  /** What the sidecar dials: `https://modelroute-push.modelroute-system.svc:9444`. */
  readonly pushUrl: string
  readonly tokenAudience: string
  /** Whose variables containers get, unless their pod says so itself; null: dialect-variables.ts's own choice. */
  readonly dialects: readonly SdkDialect[] | null
  readonly cache: CacheDefaults
}

/** Everything about one pod's sidecar that is not fixed. */
export interface SidecarPlan {
  readonly image: string
  readonly imagePullPolicy: SidecarDefaults['imagePullPolicy']
  readonly resources: SidecarResources
  readonly logLevel: LogLevel
  readonly pushUrl: string
  readonly tokenAudience: string
  readonly port: number
  readonly adminPort: number
  readonly drainSeconds: number
  readonly cache: CacheRoom
  /** Null: the pod is nobody's. */
  readonly workload: string | null
}

export function planSidecar(settings: Settings, defaults: SidecarDefaults, pod: unknown): SidecarPlan {
  const cache = planCache(settings, defaults.cache)
  return {
    image: settings['proxy-image'] ?? defaults.image,
    imagePullPolicy: defaults.imagePullPolicy,
    resources: chooseResources(settings, withRoomFor(cache, defaults.resources), pod),
    cache,
    logLevel: settings['log-level'] ?? defaults.logLevel,
    pushUrl: defaults.pushUrl,
    tokenAudience: defaults.tokenAudience,
    port: settings.port ?? PROXY_PORT,
    adminPort: settings['admin-port'] ?? ADMIN_PORT,
    drainSeconds:
      settings['drain-seconds'] ?? Math.min(DRAIN_SECONDS, Math.max(0, graceSeconds(pod) - GRACE_RESERVE_SECONDS)),
    workload: workloadOf(pod),
  }
}

export function graceSeconds(pod: unknown): number {
  const seconds = valueAt(pod, 'spec', 'terminationGracePeriodSeconds')
  return typeof seconds === 'number' ? seconds : DEFAULT_GRACE_SECONDS
}

export function buildContainer(plan: SidecarPlan): JsonObject {
  return {
    name: SIDECAR,
    image: plan.image,
    imagePullPolicy: plan.imagePullPolicy,
    restartPolicy: 'Always',
    command: ['node', '/app/proxy.mjs'],
    env: buildEnvironment(plan),
    ports: [{ name: ADMIN_PORT_NAME, containerPort: plan.adminPort, protocol: 'TCP' }],
    startupProbe: probe(plan, { path: '/startupz', periodSeconds: 1, failureThreshold: 60 }),
    readinessProbe: probe(plan, { path: '/readyz', periodSeconds: 5, failureThreshold: 3 }),
    // A minute without an answer from the event loop: nothing flows through it any more, so a restart loses nothing.
    livenessProbe: probe(plan, { path: '/livez', periodSeconds: 10, failureThreshold: 6 }),
    resources: plan.resources,
    securityContext: {
      runAsUser: SIDECAR_USER,
      runAsGroup: SIDECAR_USER,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: TOKEN_VOLUME, mountPath: IDENTITY_PATH, readOnly: true },
      { name: STATE_VOLUME, mountPath: STATE_PATH },
      { name: NO_API_TOKEN_VOLUME, mountPath: API_TOKEN_PATH, readOnly: true },
      ...cacheMounts(plan.cache),
    ],
  }
}

function buildEnvironment(plan: SidecarPlan): readonly JsonObject[] {
  return [
    { name: 'MODELROUTE_LISTEN', value: `127.0.0.1:${plan.port}` },
    { name: 'MODELROUTE_ADMIN_LISTEN', value: `*:${plan.adminPort}` },
    { name: 'MODELROUTE_OPERATOR_URL', value: plan.pushUrl },
    { name: 'MODELROUTE_OPERATOR_CA_FILE', value: `${IDENTITY_PATH}/ca.crt` },
    { name: 'MODELROUTE_TOKEN_FILE', value: `${IDENTITY_PATH}/token` },
    { name: 'MODELROUTE_STATE_DIR', value: STATE_PATH },
    { name: 'MODELROUTE_LOG_LEVEL', value: plan.logLevel },
    { name: 'MODELROUTE_DRAIN_MS', value: String(plan.drainSeconds * 1000) },
    ...cacheEnvironment(plan.cache),
    { name: 'MODELROUTE_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'MODELROUTE_POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ...(plan.workload === null ? [] : [{ name: 'MODELROUTE_WORKLOAD', value: plan.workload }]),
  ]
}

interface ProbeWish {
  readonly path: string
  readonly periodSeconds: number
  readonly failureThreshold: number
}

function probe(plan: SidecarPlan, { path, ...timing }: ProbeWish): JsonObject {
  return { httpGet: { path, port: plan.adminPort, scheme: 'HTTP' }, timeoutSeconds: 5, ...timing }
}

/**
 * In memory, so that they neither reach a disk nor keep the cluster autoscaler from removing a node; the cache's own,
 * on the node's disk where it was asked for, is marked as one that may go (patch.ts).
 */
export function buildVolumes(plan: SidecarPlan): readonly (JsonObject & { readonly name: string })[] {
  const { tokenAudience: audience } = plan
  const ca = { path: 'ca.crt', fieldRef: { fieldPath: `metadata.annotations['${OPERATOR_CA}']` } }
  return [
    {
      name: TOKEN_VOLUME,
      projected: {
        sources: [
          { serviceAccountToken: { audience, expirationSeconds: 3600, path: 'token' } },
          { downwardAPI: { items: [ca] } },
        ],
      },
    },
    { name: STATE_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } },
    { name: NO_API_TOKEN_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    ...cacheVolumes(plan.cache),
  ]
}
