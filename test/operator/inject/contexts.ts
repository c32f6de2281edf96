// The operator's side of an injection, as the tests assume it.
import type { InjectionContext } from '../../../operator/inject/pod.ts'

export const context: InjectionContext = {
  sidecar: {
    image: 'modelroute:1.0.0',
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } },
    logLevel: 'info',
    pushUrl: 'https://modelroute-push.modelroute-system.svc:9444',
    tokenAudience: 'modelroute-push',
    dialects: null,
    cache: { memory: '32Mi', disk: '0' },
  },
  protectedNamespaces: ['kube-system', 'modelroute-system'],
  marks: { caPem: 'CA', injected: '{"version":"1.0.0","authorities":["0123456789abcdef"]}' },
}
