// What the webhook calls its things inside a user's pod, in one place: annotations, label, container, volumes, paths.
// The chart's matchConditions, the proxy's settings and the push server's pod list depend on these words.

export const ANNOTATION_PREFIX = 'modelroute.dev/'
/** The question itself: `"true"` or `"false"`, on a workload, its pod template or a pod. */
export const INJECT = 'modelroute.dev/inject'
/** On a pod template: which keys came from the workload, separated by commas. */
export const COPIED = 'modelroute.dev/copied'
/** On a pod: the authorities its sidecar trusts, in PEM; the downward API makes a file of it. */
export const OPERATOR_CA = 'modelroute.dev/operator-ca'
/** On a pod: who injected it and with which authorities, as JSON. */
export const INJECTED = 'modelroute.dev/injected'
/** The webhook's answer to the chart's post-install hook. */
export const PROBE = 'modelroute.dev/webhook-probe'
export const PROBE_ANSWER = 'answered'
/** Written by the webhook itself; never a user's setting and never copied from a workload. */
export const OWN_ANNOTATIONS: readonly string[] = [COPIED, OPERATOR_CA, INJECTED, PROBE]

/** The cluster autoscaler's: names of volumes on a node's disk whose loss hurts nobody, separated by commas. */
export const SAFE_VOLUMES = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes'

/** On every pod with a sidecar, so that the operator can list them. */
export const PROXY_LABEL = 'modelroute.dev/proxy'
export const PROXY_LABEL_VALUE = 'v1'

export const SIDECAR = 'modelroute-proxy'
export const TOKEN_VOLUME = 'modelroute-token'
export const STATE_VOLUME = 'modelroute-state'
/** Empty, and mounted where the API token would be, which keeps built-in admission from mounting that one. */
export const NO_API_TOKEN_VOLUME = 'modelroute-no-api-token'
/** Only where the cache has a level on disk. */
export const CACHE_VOLUME = 'modelroute-cache'
export const VOLUMES: readonly string[] = [TOKEN_VOLUME, STATE_VOLUME, NO_API_TOKEN_VOLUME, CACHE_VOLUME]

export const IDENTITY_PATH = '/var/run/modelroute/identity'
export const STATE_PATH = '/var/run/modelroute/state'
export const CACHE_PATH = '/var/run/modelroute/cache'
export const API_TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
/** A port name has at most 15 characters. */
export const ADMIN_PORT_NAME = 'modelroute'
export const SIDECAR_USER = 65_532

/** A mesh's own native sidecar carries all traffic of the pod, ours included, so it starts first. */
export const MESH_SIDECARS: readonly string[] = ['istio-proxy', 'linkerd-proxy']
