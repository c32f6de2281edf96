// Which workload a pod is of, for every kind of owner that a controller gives to pods and for pods of nobody: its
// answers may be shared within it.
import { expect, test } from 'vitest'
import { workloadOf } from '../../../operator/inject/owner.ts'

const owned = (kind: string, name: string, more: object = {}) => ({
  metadata: {
    ownerReferences: [
      { kind: 'Node', name: 'n' },
      { kind, name, controller: true },
    ],
    ...more,
  },
})
const hash = { labels: { 'pod-template-hash': '5d4f8c' } }

test.each([
  ['a version of a Deployment', owned('ReplicaSet', 'web-5d4f8c', hash), 'Deployment/web'],
  ['a ReplicaSet of its own', owned('ReplicaSet', 'web-5d4f8c'), 'ReplicaSet/web-5d4f8c'],
  ['a ReplicaSet with another hash', owned('ReplicaSet', 'web-77', hash), 'ReplicaSet/web-77'],
  ['a StatefulSet', owned('StatefulSet', 'db', hash), 'StatefulSet/db'],
  ['nobody', { metadata: {} }, null],
  ['somebody who does not control it', { metadata: { ownerReferences: [{ kind: 'Job', name: 'j' }] } }, null],
  ['what is no pod', null, null],
])('a pod of %s', (_, pod, workload) => {
  expect(workloadOf(pod)).toBe(workload)
})
