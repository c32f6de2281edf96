// The rules of the repository that a compiler does not know, checked over every TypeScript file in it: who imports
// whom, sizes, names, where process.* is read, what no file may say, and that generated files are current.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Committed files and new ones that are not ignored. */
const files = listFiles()
const typescript = files
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
const sources = typescript.filter(({ path }) => /^(proxy|operator|crds)\//.test(path))
const tests = typescript.filter(({ path }) => path.startsWith('test/') && !path.startsWith('test/bench/'))

interface SourceFile {
  readonly path: string
  readonly text: string
}

function listFiles(): string[] {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (listed.status !== 0) throw new Error(listed.stderr)
  return listed.stdout.split('\n').filter((path) => path !== '' && existsSync(join(root, path)))
}

/** Paths from the repository's root for relative imports, package names for the others. */
function importsOf({ path, text }: SourceFile): string[] {
  const statements = withoutComments(text).matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
  )
  return [...statements].flatMap(([, from, bare, dynamic]) => {
    const name = from ?? bare ?? dynamic
    if (name === undefined) return []
    return [name.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), name)) : name]
  })
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/[^\n]*/g, '$1')
}

/** Code alone: comments and the text of strings are blanked, so that a word in a sentence is not taken for code. */
function codeOf(text: string): string {
  return withoutComments(text)
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""')
    .replace(/`[^`]*`/g, '``')
}

function offenders(among: readonly SourceFile[], isWrong: (file: SourceFile) => boolean): string[] {
  return among.filter(isWrong).map(({ path }) => path)
}

function forbiddenImports(among: readonly SourceFile[], isWrong: (name: string, path: string) => boolean): string[] {
  return among.flatMap((file) =>
    importsOf(file)
      .filter((name) => isWrong(name, file.path))
      .map((name) => `${file.path} imports ${name}`),
  )
}

const inFolder = (folder: string) => sources.filter(({ path }) => path.startsWith(`${folder}/`))

test('the files are found, so that the other rules have something to look at', () => {
  expect(sources.length).toBeGreaterThan(20)
  expect(importsOf({ path: 'a/b.ts', text: "import { x } from '../c.ts'\nexport type {\n y } from './d.ts'" })).toEqual(
    ['c.ts', 'a/d.ts'],
  )
})

test('the proxy imports neither the operator nor the resource schemas nor a Kubernetes library', () => {
  const isWrong = (name: string) => /^(operator|crds|test)\//.test(name) || name.startsWith('@kubernetes/')
  expect(forbiddenImports(inFolder('proxy'), isWrong)).toEqual([])
})

test('the operator takes from the proxy only the contract between them', () => {
  const allowed =
    /^proxy\/(table\/([-a-z]*schema|messages|schedule)|secret|telemetry\/[-a-z]+|redact\/detectors\/(faults|table))\.ts$/
  const isWrong = (name: string) => name.startsWith('test/') || (name.startsWith('proxy/') && !allowed.test(name))
  expect(forbiddenImports(inFolder('operator'), isWrong)).toEqual([])
})

test('the resource schemas import nothing of ours', () => {
  expect(forbiddenImports(inFolder('crds'), (name) => /^(operator|proxy|test)\//.test(name))).toEqual([])
})

test('only operator/kube/client.ts and port-forward.ts import the Kubernetes library', () => {
  const isWrong = (name: string, path: string) =>
    name.startsWith('@kubernetes/') && !/^operator\/kube\/(client|port-forward)\.ts$/.test(path)
  expect(forbiddenImports(sources, isWrong)).toEqual([])
})

test('a provider is called, and undici imported, by proxy/upstream alone', () => {
  const isWrong = (name: string, path: string) => name === 'undici' && !path.startsWith('proxy/upstream/')
  expect(forbiddenImports(inFolder('proxy'), isWrong)).toEqual([])
})

test('folders that a folder needs never need it in turn', () => {
  expect(cycles(folderGraph())).toEqual([])
})

/** Values only: a type that travels back up is no cycle at run time. Main folders' own files count as one folder. */
function folderGraph(): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>()
  for (const file of sources) {
    const from = posix.dirname(file.path)
    // The top files wire everything below them; they are nobody's dependency but each other's.
    if (from === 'proxy' || from === 'operator') continue
    const values = { path: file.path, text: file.text.replace(/(^|\n)(import|export) type\b[^'"]*['"][^'"]+['"]/g, '') }
    const needed = importsOf(values)
      .map((name) => posix.dirname(name))
      .filter((to) => to.includes('/') && to !== from)
    graph.set(from, new Set([...(graph.get(from) ?? []), ...needed]))
  }
  return graph
}

function cycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = []
  const walk = (folder: string, trail: readonly string[]): void => {
    if (trail.includes(folder)) {
      found.push([...trail.slice(trail.indexOf(folder)), folder].join(' -> '))
      return
    }
    for (const next of graph.get(folder) ?? []) walk(next, [...trail, folder])
  }
  for (const folder of graph.keys()) walk(folder, [])
  return [...new Set(found)]
}

const lineCount = (text: string) => text.trimEnd().split('\n').length

test('source files have at most 300 lines and tests at most 500', () => {
  expect(offenders(sources, ({ text }) => lineCount(text) > 300)).toEqual([])
  expect(offenders(tests, ({ text }) => lineCount(text) > 500)).toEqual([])
})

test.each(['proxy/pipeline.ts', 'operator/reconcile.ts'])(
  '%s, the first file to read, has fewer than 80 lines',
  (path) => {
    expect(lineCount(readFileSync(join(root, path), 'utf8'))).toBeLessThan(80)
  },
)

test('lines have at most 120 characters, but for texts and patterns that cannot be broken', () => {
  const isText = /['"`]|^\s*\/\^|^\.[a-z]/
  const wide = sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const isComment = /^\s*(\/\/|\*|\/\*)/.test(line)
      return line.length > 120 && (isComment || !isText.test(line)) ? [`${path}:${index + 1}`] : []
    }),
  )
  expect(wide).toEqual([])
})

test('process.* is read at the edge only: main, config, local and command-line tools', () => {
  const mayRead = /(^|\/)(main|config|local|generate)\.ts$/
  const isWrong = ({ path, text }: SourceFile) =>
    !mayRead.test(path) && (/\bprocess\.\w/.test(codeOf(text)) || importsOf({ path, text }).includes('node:process'))
  expect(offenders(sources, isWrong)).toEqual([])
})

test('every file says at its top, in a comment, what it is for', () => {
  const openingLines = (text: string) => {
    const lines = text.split('\n')
    const end = lines.findIndex((line) => !line.startsWith('//'))
    return end === -1 ? lines.length : end
  }
  expect(offenders(sources, ({ text }) => openingLines(text) < 2 || openingLines(text) > 16)).toEqual([])
  expect(offenders(tests, ({ text }) => openingLines(text) < 1)).toEqual([])
})

test('nothing is of type any, asserted non-null, or exported as default', () => {
  const isLoose = ({ text }: SourceFile) => /(:|<|\bas|,|\|)\s*any\b(?!\s*:)/.test(codeOf(text))
  expect(offenders(typescript, isLoose)).toEqual([])
  const mustExportDefault = /(^|\/)(vitest\.config|global-setup|bench\/detector)\.ts$/
  const exportsDefault = ({ path, text }: SourceFile) =>
    !mustExportDefault.test(path) && /(^|\n)export default\b/.test(codeOf(text))
  expect(offenders(typescript, exportsDefault)).toEqual([])
})

test('no file is a barrel, and no file or folder has a name that says nothing', () => {
  const vague = /(^|\/)(utils?|commons?|types|helpers?|misc|shared|lib|index|manager|service)(\.ts|\/)/
  expect(offenders(typescript, ({ path }) => vague.test(path))).toEqual([])
  const onlyReexports = ({ text }: SourceFile) =>
    withoutComments(text)
      .trim()
      .split('\n')
      .every((line) => line === '' || /^export .* from /.test(line))
  expect(offenders(sources, onlyReexports)).toEqual([])
})

test('file names are kebab-case nouns', () => {
  expect(
    offenders(typescript, ({ path }) => !/^[a-z0-9.]+(-[a-z0-9]+)*(\.[a-z]+)*$/.test(posix.basename(path))),
  ).toEqual([])
})

test('modules hold no state of their own', () => {
  expect(offenders(sources, ({ text }) => /(^|\n)(export )?(let|var) /.test(codeOf(text)))).toEqual([])
})

test('the top level holds what the design lists and nothing else', () => {
  const folders = ['proxy', 'operator', 'crds', 'charts', 'test', 'docs', '.ci', '.github']
  const documents = ['README.md', 'CHANGELOG.md', 'LICENSE', 'Dockerfile', '.dockerignore', '.gitignore', '.npmrc']
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'vitest.config.ts', '.oxlintrc.json']
  const expected = new Set([...folders, ...documents, ...settings, '.oxfmtrc.json'])
  const top = new Set(files.map((path) => path.split('/')[0] ?? ''))
  expect([...top].filter((name) => !expected.has(name))).toEqual([])
})

test('tests wait for events, never for time, and none is skipped', () => {
  const sleeps = ({ path, text }: SourceFile) =>
    path !== self && /\bawait\s+(sleep|delay|wait|setTimeout)\(\s*[\d_]+\s*\)/.test(text)
  expect(offenders(tests, sleeps)).toEqual([])
  const skips = ({ path, text }: SourceFile) =>
    path !== self && /\b(test|it|describe)\.(skip|only|todo)\b/.test(codeOf(text))
  expect(offenders(tests, skips)).toEqual([])
  const mocks = ({ path, text }: SourceFile) => path !== self && /\bvi\.(mock|doMock|spyOn)\(/.test(codeOf(text))
  expect(offenders(tests, mocks)).toEqual([])
})

const self = 'test/architecture.test.ts'

test('no committed text names a machine, its paths or a private registry', () => {
  const isText = /\.(ts|mjs|js|json|ya?ml|md|tpl|txt)$|(^|\/)(Dockerfile|run|LICENSE|\.npmrc)$/
  const ofOneMachine = /(^|[\s'"`=:(])\/(root|home\/\w|work)\//i
  const offending = files
    .filter((path) => isText.test(path) && path !== self)
    .filter((path) => ofOneMachine.test(readFileSync(join(root, path), 'utf8')))
  expect(offending).toEqual([])
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const hosts = new Set([...lock.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map(([, host]) => host))
  expect([...hosts].filter((host) => host !== 'registry.npmjs.org')).toEqual([])
})

test('every package that is installed has its line of reason in docs/dependencies.md', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { dependencies, devDependencies } = manifest as Record<'dependencies' | 'devDependencies', object>
  const reasons = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
  const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !reasons.includes(`\`${name}\``),
  )
  expect(missing).toEqual([])
})

test('links between the documents lead somewhere', () => {
  const documents = files.filter((path) => path.endsWith('.md'))
  const broken = documents.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, link]) => posix.normalize(posix.join(posix.dirname(path), link ?? '')))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${path} -> ${target}`),
  )
  expect(broken).toEqual([])
})

test('generated files are what the generator writes', () => {
  const run = spawnSync('npm', ['run', '--silent', 'generate', '--', '--check'], { cwd: root, encoding: 'utf8' })
  expect({ status: run.status, output: run.stdout + run.stderr }).toEqual({ status: 0, output: '' })
})
