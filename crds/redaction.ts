// What a rule masks before a call leaves the pod. Part of ModelRoute. The names in `add` and `remove` are checked by
// the operator, which knows every detector, so that a CRD need not change when one is added.
import * as z from 'zod'
import { form, kubernetesName, secretKeyName, withRules } from './shapes.ts'

const detectorName = withRules(z.string().min(1).max(64), [
  form(/^[A-Za-z][A-Za-z0-9]*$/, 'not a name of a detector: docs/reference/detectors.md lists them'),
])

const detectorNames = (description: string) =>
  z.array(detectorName).max(64).default([]).meta({ description, 'x-kubernetes-list-type': 'atomic' })

const pattern = z.object({
  name: detectorName.meta({ description: 'What the findings of this pattern are called in counts and explanations.' }),
  pattern: withRules(z.string().min(1).max(512), [
    {
      holds: (text) => isPattern(text) && !new RegExp(text, 'u').test(''),
      // RE2 itself, inside the API server: a pattern that it cannot read fails this rule as one that matches nothing.
      cel: "!''.matches(self)",
      message:
        'not a pattern that can be used: write RE2 syntax (no look-around, no back references) that does not match ' +
        'the empty text',
    },
  ]).meta({ description: 'A regular expression in RE2 syntax. What it matches is masked.' }),
})

/** Near enough to RE2 for a folder of yaml; the operator reads the pattern as the proxy will. */
function isPattern(text: string): boolean {
  if (/\(\?[=!]|\(\?<[=!]|\\[1-9]/.test(text)) return false
  try {
    return new RegExp(text, 'u').source !== ''
  } catch {
    return false
  }
}

const patterns = withRules(z.array(pattern).max(16), [
  {
    holds: (list) => new Set(list.map(({ name }) => name)).size === list.length,
    cel: 'self.all(p, self.exists_one(o, o.name == p.name))',
    message: 'two patterns have the same name: give each its own',
  },
])

const words = z.object({
  list: z
    .array(z.string().min(1).max(128))
    .max(256)
    .default([])
    .meta({ description: 'The words themselves.', 'x-kubernetes-list-type': 'atomic' }),
  secretRef: z
    .object({
      name: kubernetesName.meta({ description: 'Name of a Secret in the same namespace.' }),
      key: secretKeyName.meta({ description: 'The key of the Secret that holds one word a line.' }),
    })
    .optional()
    .meta({ description: 'A longer list, or one that is itself confidential: one word a line, 64 KiB at most.' }),
})

export const redaction = z.object({
  profile: z
    .enum(['Credentials', 'Standard', 'Strict'])
    .default('Standard')
    .meta({
      description:
        'Which detectors are on: Credentials (keys, tokens, passwords), Standard (these, and what identifies people: ' +
        'names, addresses, numbers of documents, accounts and telephones), Strict (these, and weaker signs; content ' +
        'that cannot be inspected is refused).',
    }),
  mode: z.enum(['Enforce', 'DryRun']).default('Enforce').meta({
    description: 'DryRun detects and counts, and changes nothing.',
  }),
  onFailure: z
    .enum(['Refuse', 'Pass'])
    .default('Refuse')
    .meta({
      description:
        'What happens to a call that cannot be masked: Refuse answers with an error, Pass sends it as it is and says so ' +
        'in status, metrics and the answer.',
    }),
  add: detectorNames('Detectors that are on beside those of the profile.'),
  remove: detectorNames('Detectors of the profile that are off.'),
  words: words.prefault({}).meta({
    description: "Words of the company's own, such as names of customers and projects, masked wherever they stand.",
  }),
  patterns: patterns.default([]).meta({
    description: "Detectors of the company's own.",
    'x-kubernetes-list-type': 'atomic',
  }),
})

export type RedactionSpec = z.infer<typeof redaction>
