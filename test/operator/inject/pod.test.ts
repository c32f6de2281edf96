// Golden pairs: a pod in; verdict, findings and the pod as it will run out. The file's number is the case's in
// golden/inject/README.md. Read a new .out.yaml aloud before committing it; `vitest -u` writes them anew.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dump, load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { admitPod, type Admission, type Asked } from '../../../operator/inject/pod.ts'
import { applyJsonPatch } from '../../support/apply-json-patch.ts'
import { context } from './contexts.ts'
import { restrictedViolations } from './restricted.ts'

interface GoldenInput extends Asked {
  readonly pod: object
}

const folder = join(import.meta.dirname, '../../golden/inject')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => file.replace(/\.in\.yaml$/, ''))
const readInput = (name: string) => load(readFileSync(join(folder, `${name}.in.yaml`), 'utf8')) as GoldenInput
const admit = ({ pod, asker, namespace }: GoldenInput) => admitPod(pod, { asker, namespace }, context)
const patched = (pod: object, admission: Admission) => applyJsonPatch(pod, admission.operations) as object

describe('golden pairs', () => {
  test.each(names)('%s', async (name) => {
    const input = readInput(name)
    const { verdict, reason, findings, operations } = admit(input)
    const outcome = {
      verdict,
      reason,
      findings: findings.map(({ severity, path, message }) => ({ severity, path, message })),
      pod: operations.length === 0 ? 'unchanged' : patched(input.pod, { verdict, reason, findings, operations }),
    }
    const text = dump(outcome, { noRefs: true, lineWidth: 160 })
    await expect(text).toMatchFileSnapshot(join(folder, `${name}.out.yaml`))
  })

  test('a second invocation changes nothing, whatever the first one did (cases 4 and 5)', () => {
    const changed = names.map(readInput).filter((input) => admit(input).operations.length > 0)
    expect(changed.length).toBeGreaterThan(20)
    for (const input of changed) {
      const pod = patched(input.pod, admit(input))
      expect(admit({ ...input, pod })).toEqual({
        verdict: 'keep',
        reason: 'AlreadyInjected',
        operations: [],
        findings: [],
      })
    }
  })

  test('every injected sidecar meets Pod Security "restricted" (case 11)', () => {
    const injected = names.map(readInput).filter((input) => admit(input).verdict === 'inject')
    for (const input of injected) expect(restrictedViolations(patched(input.pod, admit(input)))).toEqual([])
  })

  test('no input is written into', () => {
    for (const input of names.map(readInput)) {
      const before = structuredClone(input)
      admit(input)
      expect(input).toEqual(before)
    }
  })

  test('every sentence is short enough for a line of kubectl', () => {
    const sentences = names.map(readInput).flatMap((input) => admit(input).findings.map(({ message }) => message))
    expect(sentences.filter((sentence) => sentence.length > 130)).toEqual([])
  })
})
