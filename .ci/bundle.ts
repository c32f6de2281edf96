// `npm run bundle`: dist/{operator,proxy,webhook-probe}.mjs, the entry points of the image, and for each thread of the
// proxy one. What an entry point loads on demand, and what it shares with a thread, is a file beside it, so that a start
// reads what it needs. Prints how large each is. Identifiers keep their names, so that stack traces can be read without
// a source map; `keepNames` would add a call for every closure that is made at run time. Source maps lie beside the
// files.
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

export const entryPoints = {
  operator: 'operator/main.ts',
  proxy: 'proxy/main.ts',
  'webhook-probe': 'operator/probe/main.ts',
} as const
export type EntryPoint = keyof typeof entryPoints

/** Threads of the proxy, which it looks for beside its own file. */
const proxyThreads = {
  'masking-thread': 'proxy/redact/work/thread.ts',
  'deferred-jobs': 'proxy/deferred/jobs-thread.ts',
  'cache-disk': 'proxy/cache/levels/disk-thread.ts',
  'token-count': 'proxy/classify/exact/count-thread.ts',
} as const

/** What the proxy opens when a rule redacts names; it looks for the folder beside its own file. */
const DICTIONARIES = 'proxy/redact/detectors/prose/dictionaries'

/** Some dependencies are CommonJS and call `require` for Node's own modules, which an ES module has not. */
const banner = `import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url)
const __filename = import.meta.filename
const __dirname = import.meta.dirname`

/** Returns the path of the entry point's file. */
export async function bundle(name: EntryPoint, outputFolder: string): Promise<string> {
  const threads = name === 'proxy' ? proxyThreads : {}
  await build({
    entryPoints: sourcesOf({ [name]: entryPoints[name], ...threads }),
    outdir: outputFolder,
    outExtension: { '.js': '.mjs' },
    chunkNames: `${name}-[name]-[hash]`,
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    banner: { js: banner },
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'external',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  })
  if (name === 'proxy') copyDictionaries(outputFolder)
  return join(outputFolder, `${name}.mjs`)
}

function sourcesOf(sources: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, join(root, source)]))
}

/** The data, and the notice that says where it is from. */
function copyDictionaries(outputFolder: string): void {
  cpSync(join(root, DICTIONARIES), join(outputFolder, 'dictionaries'), {
    recursive: true,
    filter: (source) => /dictionaries$|\.bin$|NOTICE\.md$/.test(source),
  })
}

async function main(): Promise<void> {
  const outputFolder = join(root, 'dist')
  rmSync(outputFolder, { recursive: true, force: true })
  for (const name of Object.keys(entryPoints) as EntryPoint[]) await bundle(name, outputFolder)
  for (const file of readdirSync(outputFolder).filter((path) => path.endsWith('.mjs'))) {
    const code = readFileSync(join(outputFolder, file))
    console.log(file.padEnd(40), kibibytes(code.length), kibibytes(gzipSync(code).length), '(gzip)')
  }
}

function kibibytes(sizeBytes: number): string {
  return `${(sizeBytes / 1024).toFixed(0)} KiB`.padStart(9)
}

if (import.meta.main) await main()
