// The generated files are current, and say what their sources say.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { chartTemplate } from '../../crds/chart-template.ts'
import { customResourceDefinition, resourceKinds } from '../../crds/definition.ts'
import { generatedFiles } from '../../crds/generate.ts'

interface Names {
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const files = generatedFiles(read('charts/modelroute/values.yaml'))

describe('npm run generate', () => {
  test.each(files)('would not change $path', ({ path, text }) => expect(read(path)).toBe(text))

  test('writes the same bytes each time', () => {
    expect(generatedFiles(read('charts/modelroute/values.yaml'))).toEqual(files)
  })
})

describe('a definition', () => {
  test('has a category that no resource is called, else kubectl get NAME would mean all of the category', () => {
    const names = resourceKinds.map((resource) => customResourceDefinition(resource).spec['names'] as Names)
    const words = names.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames])
    expect(names.flatMap(({ categories }) => categories).filter((category) => words.includes(category))).toEqual([])
  })

  test.each(resourceKinds)('of $kind survives yaml', (resource) => {
    const yaml = files.find(({ path }) => path === `crds/modelroute.dev_${resource.plural}.yaml`)
    expect(load(yaml?.text ?? '')).toEqual(customResourceDefinition(resource))
  })
})

describe('chartTemplate', () => {
  const definition = '# note\nkind: X\nmetadata:\n  name: x.example\nspec: {}\n'

  test('wraps a definition in crds.enabled and puts crds.keep into its metadata', () => {
    const template = chartTemplate(definition)
    expect(template).toMatch(
      /^\{\{- if \.Values\.crds\.enabled \}\}\n# note\nkind: X\nmetadata:\n {2}name: x\.example\n/,
    )
    expect(template).toContain('{{- if .Values.crds.keep }}\n    helm.sh/resource-policy: keep\n')
    expect(template).toMatch(/spec: \{\}\n\{\{- end \}\}\n$/)
  })

  test('keeps braces of a description from being a template', () => {
    expect(chartTemplate(`${definition}description: "{{ x }}"\n`)).toContain('description: "{{ "{{" }} x }}"')
  })

  test('refuses a definition with more metadata than a name', () => {
    const more = definition.replace('  name: x.example\n', '  labels: {}\n  name: x.example\n')
    expect(() => chartTemplate(more)).toThrow('more metadata than a name')
  })
})
