// The operator's settings: environment -> frozen Config. All faults are reported together, each with the variable's
// name, so that one restart is enough. With main.ts and local.ts the only user of the environment; reads no file.
import { isIP } from 'node:net'
import * as z from 'zod'
import { LOG_LEVELS, type LogLevel } from '../proxy/telemetry/log.ts'
import { parseDialects, SDK_DIALECTS } from './inject/dialect-variables.ts'
import { parseQuantity } from './inject/quantity.ts'
import type { SidecarDefaults } from './inject/sidecar.ts'
import { sharedCacheUrl } from '../crds/shared-cache.ts'
import type { SharedCacheDefault } from './rules/shared-cache.ts'

export interface Config {
  /** The operator's own namespace. */
  readonly namespace: string
  readonly podName: string
  readonly podIp: string
  readonly serviceAccount: string
  /** Replicas that are meant to run. */
  readonly replicas: number
  readonly logLevel: LogLevel
  readonly ports: {
    readonly webhook: number
    readonly push: number
    readonly admin: number
    readonly dashboard: number
  }
  readonly caSecret: string
  readonly keySecret: string
  readonly lease: string
  readonly webhookName: string
  /** DNS names and addresses that this process is called by. */
  readonly certificateNames: readonly string[]
  /** The name on every replica's certificate: the host of the push URL. */
  readonly pushHost: string
  /** This replica's own token for the push audience; null when there are no other replicas to tell. */
  readonly tokenFile: string | null
  readonly sidecar: SidecarDefaults
  /** Null: the chart has none. */
  readonly sharedCache: (SharedCacheDefault & { readonly passwordFile: string | null }) | null
  /** Null: the cluster that this pod runs in. */
  readonly kubeconfig: string | null
}

export type ParsedConfig =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

const PREFIX = 'MODELROUTE_'

const required = (example: string) => z.string({ error: `must be set, for example ${example}` })

const whole = (lowest: number, highest: number) =>
  z.string().transform((text, context): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= lowest && value <= highest) return value
    context.addIssue(`must be a whole number from ${lowest} to ${highest}, not "${text}"`)
    return z.NEVER
  })

const port = whole(0, 65_535)

const address = required('10.0.0.7').refine((text) => isIP(text) !== 0, { error: 'must be an IP address' })

const httpsUrl = required('https://modelroute-push.modelroute-system.svc:9444').refine(
  (text) => URL.canParse(text) && new URL(text).protocol === 'https:',
  { error: 'must be an https URL' },
)

const size = (lowest: string) =>
  z.string().refine((text) => (parseQuantity(text) ?? 0) >= (parseQuantity(lowest) ?? 0), {
    error: `must be a size of ${lowest} or more`,
  })

const redisUrl = z.string().regex(sharedCacheUrl, {
  error: 'must be the URL of a Redis or Valkey server without a password, for example rediss://redis.cache.svc:6379/0',
})

const quantities = z.object({ cpu: z.string(), memory: z.string() })
const resources = z.object({ requests: quantities, limits: quantities.partial({ cpu: true }) })

const json = z.string().transform((text, context): z.infer<typeof resources> => {
  try {
    const parsed = resources.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
  } catch {
    // Not JSON at all gets the same sentence.
  }
  context.addIssue('must be JSON like {"requests":{"cpu":"50m","memory":"96Mi"},"limits":{"memory":"256Mi"}}')
  return z.NEVER
})

const dialects = z.string().transform((text, context) => {
  const parsed = parseDialects(text)
  if (parsed !== undefined) return parsed
  context.addIssue(`must be out of ${SDK_DIALECTS.join(', ')}, separated by commas, not "${text}"`)
  return z.NEVER
})

const logLevel = z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })

const settings = z.object({
  NAMESPACE: required('modelroute-system'),
  POD_NAME: required('modelroute-operator-0'),
  POD_IP: address,
  SERVICE_ACCOUNT: z.string().prefault('modelroute-operator'),
  REPLICAS: whole(1, 16).prefault('1'),
  LOG_LEVEL: logLevel.prefault('info'),
  WEBHOOK_PORT: port.prefault('9443'),
  PUSH_PORT: port.prefault('9444'),
  ADMIN_PORT: port.prefault('9445'),
  DASHBOARD_PORT: port.prefault('4180'),
  CA_SECRET: z.string().prefault('modelroute-ca'),
  KEY_SECRET: z.string().prefault('modelroute-redaction'),
  LEASE: z.string().prefault('modelroute-operator'),
  WEBHOOK_NAME: z.string().prefault('modelroute'),
  WEBHOOK_SERVICE: z.string().prefault('modelroute-webhook'),
  PUSH_URL: httpsUrl,
  TOKEN_AUDIENCE: z.string().prefault('modelroute-push'),
  TOKEN_FILE: z.string().optional(),
  PROXY_IMAGE: required('ghcr.io/example/modelroute:0.1.0'),
  PROXY_IMAGE_PULL_POLICY: z
    .enum(['Always', 'IfNotPresent', 'Never'], { error: 'must be Always, IfNotPresent or Never' })
    .prefault('IfNotPresent'),
  PROXY_RESOURCES: json.prefault('{"requests":{"cpu":"50m","memory":"96Mi"},"limits":{"memory":"256Mi"}}'),
  PROXY_LOG_LEVEL: logLevel.prefault('info'),
  PROXY_DIALECTS: dialects.optional(),
  PROXY_CACHE_MEMORY: size('1Mi').prefault('32Mi'),
  PROXY_CACHE_DISK: size('16Mi').or(z.literal('0')).prefault('0'),
  SHARED_CACHE_URL: redisUrl.optional(),
  SHARED_CACHE_CA: z.string().max(32_768).optional(),
  SHARED_CACHE_PASSWORD_FILE: z.string().optional(),
})
type Settings = z.infer<typeof settings>

/** Reads the variables named MODELROUTE_*, and KUBECONFIG; an empty one counts as not set. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): ParsedConfig {
  const names = Object.keys(settings.shape)
  const given = Object.fromEntries(names.map((name) => [name, environment[PREFIX + name] || undefined]))
  const parsed = settings.safeParse(given)
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${PREFIX}${path.join('.')} ${message}.`)
    return { kind: 'faults', faults }
  }
  return { kind: 'config', config: toConfig(parsed.data, environment['KUBECONFIG'] || null) }
}

function toConfig(values: Settings, kubeconfig: string | null): Config {
  const pushHost = new URL(values.PUSH_URL).hostname
  const services = [pushHost, `${values.WEBHOOK_SERVICE}.${values.NAMESPACE}.svc`]
  const withDomain = services.filter((name) => name.endsWith('.svc')).map((name) => `${name}.cluster.local`)
  return Object.freeze({
    namespace: values.NAMESPACE,
    podName: values.POD_NAME,
    podIp: values.POD_IP,
    serviceAccount: values.SERVICE_ACCOUNT,
    replicas: values.REPLICAS,
    logLevel: values.LOG_LEVEL,
    ports: {
      webhook: values.WEBHOOK_PORT,
      push: values.PUSH_PORT,
      admin: values.ADMIN_PORT,
      dashboard: values.DASHBOARD_PORT,
    },
    caSecret: values.CA_SECRET,
    keySecret: values.KEY_SECRET,
    lease: values.LEASE,
    webhookName: values.WEBHOOK_NAME,
    certificateNames: [...new Set([...services, ...withDomain, values.POD_IP])],
    pushHost,
    tokenFile: values.TOKEN_FILE ?? null,
    sidecar: {
      image: values.PROXY_IMAGE,
      imagePullPolicy: values.PROXY_IMAGE_PULL_POLICY,
      resources: values.PROXY_RESOURCES,
      logLevel: values.PROXY_LOG_LEVEL,
      pushUrl: values.PUSH_URL,
      tokenAudience: values.TOKEN_AUDIENCE,
      dialects: values.PROXY_DIALECTS ?? null,
      cache: { memory: values.PROXY_CACHE_MEMORY, disk: values.PROXY_CACHE_DISK },
    },
    sharedCache: toSharedCache(values),
    kubeconfig,
  })
}

function toSharedCache(values: Settings): Config['sharedCache'] {
  const { SHARED_CACHE_URL: url, SHARED_CACHE_CA: ca = null, SHARED_CACHE_PASSWORD_FILE: passwordFile = null } = values
  return url === undefined ? null : { url, ca, passwordFile, hasPassword: passwordFile !== null }
}
