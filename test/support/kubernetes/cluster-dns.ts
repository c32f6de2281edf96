// The cluster's DNS as in a real cluster: CoreDNS behind the Service `kube-dns`, by the names that tools look for.
// There is no outside, so every other name does not exist (NXDOMAIN) instead of being forwarded.
import { dump } from 'js-yaml'
import { dnsImage } from './images.ts'
import { dnsAddress } from './node-agents.ts'

const corefile = `cluster.local in-addr.arpa ip6.arpa {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        ttl 5
    }
    cache 5
    loadbalance
}
. {
    errors
    health
    ready
    template ANY ANY . {
        rcode NXDOMAIN
    }
}
`
const labels = { 'k8s-app': 'kube-dns' }
const metadata = { name: 'coredns', namespace: 'kube-system', labels }

/** Manifests for `kubectl apply -f -`. */
export function dnsManifests(): string {
  return [account, role, binding, configuration, deployment(), service].map((object) => dump(object)).join('---\n')
}

const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata }

const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'system:coredns' },
  rules: [
    { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ],
}

const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'system:coredns' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' },
  subjects: [{ kind: 'ServiceAccount', name: 'coredns', namespace: 'kube-system' }],
}

const configuration = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile } }

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { ...labels, 'kubernetes.io/name': 'CoreDNS' } },
  spec: {
    clusterIP: dnsAddress,
    selector: labels,
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
    ],
  },
}

function deployment(): object {
  const container = {
    name: 'coredns',
    image: dnsImage,
    imagePullPolicy: 'Never',
    args: ['-conf', '/etc/coredns/Corefile'],
    volumeMounts: [{ name: 'configuration', mountPath: '/etc/coredns', readOnly: true }],
    ports: [{ containerPort: 53, protocol: 'UDP' }],
    readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    },
  }
  const volumes = [{ name: 'configuration', configMap: { name: 'coredns' } }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { serviceAccountName: 'coredns', dnsPolicy: 'Default', containers: [container], volumes },
      },
    },
  }
}
