// The schema of charts/modelroute/values.yaml: the source of values.schema.json and of the values' reference page.
// Strict: a misspelt value fails the installation and says where. Free maps are those of Kubernetes itself.
import * as z from 'zod'
import { sharedCacheUrl } from './shared-cache.ts'

const text = (description: string, maxLength = 253) => z.string().max(maxLength).meta({ description })
const flag = (description: string) => z.boolean().meta({ description })
const count = (description: string, [minimum, maximum]: readonly [number, number]) =>
  z.int().min(minimum).max(maximum).meta({ description })
const textMap = (description: string) => z.record(z.string(), z.string()).meta({ description })
/** An object of Kubernetes, which the API server checks. */
const kubernetesObject = (description: string) => z.record(z.string(), z.unknown()).meta({ description })
const kubernetesList = (description: string) => z.array(z.record(z.string(), z.unknown())).meta({ description })

const quantity = (description: string) =>
  z.union([z.string().regex(/^[0-9]+(\.[0-9]+)?(m|[kMGTPE]i?)?$/), z.number().min(0)]).meta({ description })

const amounts = z
  .strictObject({
    cpu: quantity('Processor time, for example 50m.').optional(),
    memory: quantity('Memory, for example 128Mi.').optional(),
  })
  .meta({ description: 'Processor time and memory.' })

const resources = (description: string) =>
  z.strictObject({ requests: amounts.optional(), limits: amounts.optional() }).meta({ description })

const pullPolicy = z.enum(['Always', 'IfNotPresent', 'Never']).meta({ description: 'When the image is pulled.' })
const logLevel = z
  .enum(['debug', 'info', 'warn', 'error'])
  .meta({ description: 'The least important lines that are logged.' })

const image = (description: string) =>
  z
    .strictObject({
      registry: text('Put before the repository, for example a mirror; empty for none.'),
      repository: text('Repository, with its registry.'),
      tag: text("Tag; empty: the chart's appVersion.", 128),
      digest: text('Digest (sha256:...); wins over the tag.', 128),
      pullPolicy,
    })
    .meta({ description })

const sharedCachePassword = z
  .strictObject({
    name: text('Name of a Secret in the namespace of the release; empty: no password is sent.'),
    key: text('The key of the Secret that holds it.'),
  })
  .meta({ description: 'The password. It is mounted into the operator and sent to sidecars, never in an environment.' })

const proxyCache = z
  .strictObject({
    memory: quantity('Memory of the cache of each sidecar. The annotation `modelroute.dev/cache-memory` wins.'),
    disk: quantity(
      "Size of the cache on the node's disk; 0: none. The annotation `modelroute.dev/cache-disk` wins. Sidecars restart " +
        'with it; the volume goes with its pod.',
    ),
    shared: z
      .strictObject({
        url: z
          .union([z.literal(''), z.string().max(1024).regex(sharedCacheUrl)])
          .meta({ description: 'rediss://user@host:6379/0, without a password; empty: none.' }),
        passwordSecret: sharedCachePassword,
        ca: text("Certificates in PEM that the server's is checked against; empty: the usual authorities.", 32_768),
      })
      .meta({
        description:
          'A Redis or Valkey server for rules with `cache.shareWith` Workload or Namespace, unless their ModelRoute names ' +
          'one. Entries are encrypted for each namespace.',
      }),
  })
  .meta({ description: 'Where the cache of sidecars keeps answers, for rules with `cache`.' })

const proxy = z
  .strictObject({
    image: image('Image of the operator.')
      .extend({ pullPolicy: z.enum(['', 'Always', 'IfNotPresent', 'Never']).meta(pullPolicy.meta() ?? {}) })
      .meta({ description: 'Image of the sidecar. Empty fields are those of `image`: both run from one image.' }),
    resources: resources('Resources of the sidecar. Pods that are Guaranteed stay so: there limits equal requests.'),
    logLevel,
    dialects: z
      .array(z.enum(['OpenAI', 'Anthropic', 'Gemini', 'Ollama']))
      .max(4)
      .meta({
        description:
          'Whose base-URL variables and placeholder keys containers get. Empty: the URLs of OpenAI, Anthropic and Gemini, ' +
          'the key of OpenAI alone. The annotation `modelroute.dev/dialects` wins.',
      }),
    cache: proxyCache,
  })
  .meta({ description: 'The sidecar. The operator adds it to pods; the chart holds no container of it.' })

const webhook = z
  .strictObject({
    failurePolicy: z
      .enum(['Fail', 'Ignore'])
      .meta({ description: 'What happens to what asked for a sidecar while no operator answers.' }),
    timeoutSeconds: count('How long the API server waits for an answer.', [1, 30]),
    port: count(
      'Port of the webhook in the pod; 10250 for private masters that reach nodes on that alone.',
      [1, 65_535],
    ),
    hostNetwork: flag('Run the operator in the network of its node, where masters cannot reach pods.'),
    excludedNamespaces: z.array(z.string().max(63)).max(64).meta({
      description: 'Namespaces that are never touched, beside kube-system and that of the release.',
    }),
    matchConditions: kubernetesList('More CEL conditions that a pod must meet to get a sidecar.'),
  })
  .meta({ description: 'The admission webhooks.' })

const secrets = z
  .strictObject({
    allNamespaces: flag('Let the operator get (never list) the Secret that a ModelProvider names, in any namespace.'),
    namespaces: z.array(z.string().max(63)).max(256).meta({
      description: 'Where it may, when allNamespaces is false. These namespaces must exist.',
    }),
  })
  .meta({ description: 'How the operator reads the keys of providers.' })

const serviceAccount = z
  .strictObject({
    create: flag('Create the service account of the operator.'),
    name: text('Its name; empty: that of the operator.'),
    annotations: textMap('Its annotations.'),
  })
  .meta({ description: 'The service account of the operator.' })

const podMonitor = z
  .strictObject({
    enabled: flag('Create PodMonitors of the Prometheus operator for operator and sidecars.'),
    interval: text('Time between two scrapes.', 16),
    labels: textMap('Labels by which Prometheus selects the PodMonitors.'),
  })
  .meta({ description: 'PodMonitors of the Prometheus operator.' })

export const chartValues = z.strictObject({
  nameOverride: text('Part of all names in place of `modelroute`.', 63),
  fullnameOverride: text('Start of all names in place of release and chart.', 63),
  commonLabels: textMap('Labels of all objects.'),
  replicaCount: count('Replicas of the operator. All serve webhook and push; one writes status.', [1, 10]),
  image: image('Image of the operator.'),
  imagePullSecrets: z
    .array(z.strictObject({ name: z.string().min(1) }))
    .meta({ description: 'Secrets for pulling the image of the operator.' }),
  logLevel,
  resources: resources('Resources of the operator.'),
  proxy,
  webhook,
  secrets,
  crds: z
    .strictObject({
      enabled: flag('Install and upgrade the CRDs with the chart.'),
      keep: flag('Keep the CRDs, and with them all routes and providers, when the chart is uninstalled.'),
    })
    .meta({ description: 'The custom resource definitions.' }),
  probe: z
    .strictObject({
      enabled: flag('After an installation or upgrade, wait until the webhook really answers.'),
      timeoutSeconds: count('How long it is waited for; keep it below the --timeout of helm (5 minutes).', [10, 3600]),
    })
    .meta({ description: 'The hook that ends an installation.' }),
  serviceAccount,
  podDisruptionBudget: z
    .strictObject({
      enabled: flag('Create a PodDisruptionBudget where there are two replicas or more.'),
      maxUnavailable: z
        .union([z.int().min(0), z.string().regex(/^[0-9]+%$/)])
        .meta({ description: 'Replicas that may be away at once.' }),
    })
    .meta({ description: 'How many replicas a drain may take.' }),
  networkPolicy: z
    .strictObject({ enabled: flag('Allow only the ports that the operator serves to be reached.') })
    .meta({ description: 'The NetworkPolicy of the operator.' }),
  metrics: z.strictObject({ podMonitor }).meta({ description: 'Metrics.' }),
  podAnnotations: textMap('Annotations of the operator pods.'),
  podLabels: textMap('Labels of the operator pods.'),
  podSecurityContext: kubernetesObject('Security context of the operator pods.'),
  securityContext: kubernetesObject('Security context of the operator container.'),
  priorityClassName: text('Priority class of the operator pods.'),
  nodeSelector: textMap('Node labels that the operator pods need.'),
  tolerations: kubernetesList('Tolerations of the operator pods.'),
  affinity: kubernetesObject('Affinity of the operator pods; empty: different nodes where possible.'),
  topologySpreadConstraints: kubernetesList('Topology spread of the operator pods.'),
  terminationGracePeriodSeconds: count('Time for the operator to end.', [10, 3600]),
  extraObjects: z
    .array(z.union([z.string(), z.record(z.string(), z.unknown())]))
    .meta({ description: 'More manifests, templates allowed. Routes and providers come after the installation.' }),
  global: kubernetesObject('Values that Helm shares with subcharts; not read.').optional(),
})

/**
 * JSON schema for Helm, which reads draft 7. Nothing is required: values.yaml has every default, and `null` takes a key
 * away (`--set resources.limits=null`).
 */
export function chartValuesSchema(): object {
  return z.toJSONSchema(chartValues, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => delete jsonSchema.required,
  })
}
