// Workload annotations on their way to the pod template: what is copied, what follows, what stays, what is said.
import { describe, expect, test } from 'vitest'
import { valueAt } from '../../../operator/inject/json.ts'
import { copyToTemplate } from '../../../operator/inject/template.ts'
import { admitWorkload } from '../../../operator/inject/workload.ts'
import { applyJsonPatch } from '../../support/apply-json-patch.ts'
import { context } from './contexts.ts'

type Texts = Readonly<Record<string, string>>
const INJECT = 'modelroute.dev/inject'
const COPIED = 'modelroute.dev/copied'
const LOG = 'modelroute.dev/log-level'
const spec = { containers: [{ name: 'app', image: 'chat:1' }] }

interface Workload {
  readonly own?: Texts | undefined
  readonly template?: Texts | undefined
  readonly podSpec?: object
}

function workload({ own, template, podSpec = spec }: Workload): object {
  return {
    metadata: { name: 'chat', ...(own && { annotations: own }) },
    spec: {
      template: { metadata: { labels: { app: 'chat' }, ...(template && { annotations: template }) }, spec: podSpec },
    },
  }
}

interface Update extends Workload {
  readonly old?: Texts
  readonly kind?: string
  readonly operation?: string
}

function admit({ old, kind = 'Deployment', operation = old === undefined ? 'CREATE' : 'UPDATE', ...wish }: Update) {
  const object = workload(wish)
  const oldObject = old === undefined ? null : workload({ own: old })
  const request = { kind, operation, object, oldObject, namespace: 'shop', name: 'chat' }
  const admission = admitWorkload(request, context)
  const after = applyJsonPatch(object, admission.operations)
  const annotations = valueAt(after, 'spec', 'template', 'metadata', 'annotations')
  return { ...admission, annotations, messages: admission.findings.map(({ message }) => message) }
}

describe('the annotations of the pod template', () => {
  test.each<readonly [string, Update, Texts | undefined]>([
    ['are copied and remembered', { own: { [INJECT]: 'true' } }, { [INJECT]: 'true', [COPIED]: INJECT }],
    [
      'keep those that are none of ours',
      { own: { [INJECT]: 'true', 'example.com/a': 'x' }, template: { 'example.com/b': 'y' } },
      { 'example.com/b': 'y', [INJECT]: 'true', [COPIED]: INJECT },
    ],
    [
      'follow a changed value',
      { own: { [INJECT]: 'false' }, old: { [INJECT]: 'true' }, template: { [INJECT]: 'true', [COPIED]: INJECT } },
      { [INJECT]: 'false', [COPIED]: INJECT },
    ],
    [
      'lose what the workload has lost',
      { old: { [INJECT]: 'true' }, template: { [INJECT]: 'true', [COPIED]: INJECT } },
      {},
    ],
    [
      'lose one key and keep the other',
      {
        own: { [INJECT]: 'true' },
        old: { [INJECT]: 'true', [LOG]: 'debug' },
        template: { [INJECT]: 'true', [LOG]: 'debug', [COPIED]: `${INJECT},${LOG}` },
      },
      { [INJECT]: 'true', [COPIED]: INJECT },
    ],
    [
      'win over the workload where they are their own',
      { own: { [INJECT]: 'true', [LOG]: 'debug' }, template: { [INJECT]: 'false' } },
      { [INJECT]: 'false', [LOG]: 'debug', [COPIED]: LOG },
    ],
    [
      'stay when they are their own and the workload has none',
      { old: {}, template: { [INJECT]: 'true' } },
      { [INJECT]: 'true' },
    ],
    [
      'keep copied keys on CREATE: a Job of a CronJob has them in its template and not on itself',
      { kind: 'Job', template: { [INJECT]: 'true', [COPIED]: INJECT } },
      { [INJECT]: 'true', [COPIED]: INJECT },
    ],
    [
      'come back when a client that does not know them has replaced the whole object',
      { own: { [INJECT]: 'true' }, old: { [INJECT]: 'true' } },
      { [INJECT]: 'true', [COPIED]: INJECT },
    ],
    [
      'carry unknown keys too, so that operators of different age agree',
      { own: { [INJECT]: 'true', 'modelroute.dev/of-tomorrow': '1' } },
      { [INJECT]: 'true', 'modelroute.dev/of-tomorrow': '1', [COPIED]: `${INJECT},modelroute.dev/of-tomorrow` },
    ],
    [
      'never take a mark that only the webhook writes',
      { own: { [COPIED]: 'x', 'modelroute.dev/operator-ca': 'CA' } },
      undefined,
    ],
    ['survive nonsense in the record', { old: {}, template: { [COPIED]: ' ,example.com/a,,' } }, {}],
  ])('%s', (_sentence, update, expected) => {
    expect(admit(update).annotations).toEqual(expected)
  })

  test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'Job'])('are copied for a new %s', (kind) => {
    expect(admit({ kind, own: { [INJECT]: 'true' } }).verdict).toBe('copy')
  })

  test('are copied for a CronJob, two levels further down', () => {
    const job = workload({}) as { readonly spec: object }
    const object = {
      metadata: { annotations: { [INJECT]: 'true' } },
      spec: { schedule: '0 1 * * *', jobTemplate: job },
    }
    const change = copyToTemplate({ kind: 'CronJob', operation: 'CREATE', object, oldObject: null }, anySubject)
    expect(applyJsonPatch(object, change?.operations ?? [])).toMatchObject({
      spec: { jobTemplate: { spec: { template: { metadata: { annotations: { [INJECT]: 'true' } } } } } },
    })
  })

  test('are copied to a template without any metadata', () => {
    const object = { metadata: { annotations: { [INJECT]: 'true' } }, spec: { template: { spec } } }
    const change = copyToTemplate({ kind: 'Deployment', operation: 'CREATE', object, oldObject: null }, anySubject)
    expect(applyJsonPatch(object, change?.operations ?? [])).toMatchObject({
      spec: { template: { metadata: { annotations: { [INJECT]: 'true', [COPIED]: INJECT } } } },
    })
  })

  test.each([
    ['a Job on UPDATE, whose template cannot change', 'Job', 'UPDATE'],
    ['a ReplicaSet, whose Deployment would undo it for ever', 'ReplicaSet', 'CREATE'],
    ['a kind that has nothing to do with pods', 'constructor', 'CREATE'],
  ])('are left alone for %s', (_sentence, kind, operation) => {
    expect(admit({ kind, operation, own: { [INJECT]: 'true' } })).toMatchObject({ verdict: 'skip', operations: [] })
  })

  test('are right after one call: a second one changes nothing', () => {
    const own = { [INJECT]: 'true', [LOG]: 'debug' }
    const first = admit({ own })
    const second = admit({ own, old: own, template: first.annotations as Texts })
    expect(second).toMatchObject({ verdict: 'skip', operations: [], findings: [] })
  })
})

const anySubject = { kind: 'Workload', namespace: 'shop', name: 'chat' } as const

describe('what the person who writes the workload is told', () => {
  test('a setting that cannot be understood is refused while it is being written', () => {
    const { verdict, messages } = admit({ own: { [INJECT]: 'yes' }, old: {} })
    expect(verdict).toBe('refuse')
    expect(messages).toEqual(['Annotation modelroute.dev/inject has the value "yes"; it must be "true" or "false".'])
  })

  test('one that was there before is only a warning, so that controllers can go on updating the object', () => {
    const { verdict, findings, messages } = admit({ own: { [INJECT]: 'yes' }, old: { [INJECT]: 'yes' } })
    expect(verdict).toBe('copy')
    expect(findings.map(({ severity }) => severity)).toEqual(['warning'])
    expect(messages[0]).toContain('has the value "yes"')
  })

  test('a slip in a key is a warning with the key that was meant', () => {
    const { verdict, messages } = admit({ own: { 'modelroute.dev/injct': 'true' } })
    expect(verdict).toBe('copy')
    expect(messages).toEqual([
      'Annotation modelroute.dev/injct is not known and has no effect; did you mean modelroute.dev/inject?',
    ])
  })

  test('a template of its own that says otherwise is a warning', () => {
    const { messages } = admit({ own: { [INJECT]: 'true' }, template: { [INJECT]: 'false' } })
    expect(messages).toEqual([`${INJECT}: the pod template's own "false" wins over this object's "true".`])
  })

  test('an edit of a copied key in the template is a warning: it follows the workload', () => {
    const own = { [INJECT]: 'true' }
    const { messages, annotations } = admit({ own, old: own, template: { [INJECT]: 'false', [COPIED]: INJECT } })
    expect(annotations).toEqual({ [INJECT]: 'true', [COPIED]: INJECT })
    expect(messages).toEqual([
      `${INJECT} on the pod template follows this object's annotation ("true"); change it here.`,
    ])
  })

  test('what its pods will be refused for is a warning already here, where somebody reads it', () => {
    const { verdict, messages } = admit({ own: { [INJECT]: 'true' }, podSpec: { ...spec, hostNetwork: true } })
    expect(verdict).toBe('copy')
    expect(messages).toEqual([
      'Its pods will be refused: modelroute: no sidecar with hostNetwork: the whole node could use its keys.',
    ])
  })

  test('what its pods will be warned of is said here, where somebody reads it', () => {
    const env = [{ name: 'OPENAI_BASE_URL', value: 'https://llm.example.com' }]
    const podSpec = { containers: [{ name: 'app', image: 'chat:1', env }] }
    const { messages } = admit({ own: { [INJECT]: 'true' }, podSpec })
    expect(messages).toEqual(['Container app sets OPENAI_BASE_URL itself, so its calls do not go through modelroute.'])
  })

  test('nothing, when there is nothing to say', () => {
    expect(admit({ own: { [INJECT]: 'true' } }).messages).toEqual([])
  })
})
