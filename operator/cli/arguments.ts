// What the operator's commands can be told, as data: arguments in, a wish or a sentence about what is wrong out. Pure;
// main.ts does what is wished.
import { parseArgs } from 'node:util'

/** Where a sidecar's admin port is unless an annotation moves it. */
const DEFAULT_ADMIN_PORT = 4142

export const CLI_USAGE = `usage: modelroute table --resources DIR [--namespace NS] [--labels a=b,c=d]
       modelroute explain-call -f call.json --resources DIR [--namespace NS] [--labels a=b,c=d] [--json]
       modelroute explain-call -f call.json --pod NAME [--namespace NS] [--admin-port N] [--json]
  call.json         {"path": "/v1/chat/completions", "headers": {...}, "body": {...}}
  --resources DIR   a folder of ModelRoutes and ModelProviders
  --labels          of the pod; those that the first ModelRoute selects unless given
  --pod NAME        asks the sidecar of a running pod, through the API server, with its own table and facts`

const OPTIONS = {
  file: { type: 'string', short: 'f' },
  resources: { type: 'string' },
  pod: { type: 'string' },
  namespace: { type: 'string', short: 'n', default: 'default' },
  labels: { type: 'string' },
  'admin-port': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

interface FolderPart {
  readonly folder: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>> | null
}

interface ExplainPart {
  readonly file: string
  readonly isJson: boolean
}

export type CliWish =
  | ({ readonly kind: 'table' } & FolderPart)
  | ({ readonly kind: 'folderExplain' } & FolderPart & ExplainPart)
  | ({ readonly kind: 'pod'; readonly namespace: string; readonly pod: string; readonly port: number } & ExplainPart)

export type ParsedArguments =
  | { readonly kind: 'wish'; readonly wish: CliWish }
  | { readonly kind: 'fault'; readonly message: string }

export function parseCliArguments([command, ...rest]: readonly string[]): ParsedArguments {
  if (command !== 'table' && command !== 'explain-call') return fault(`unknown command "${command ?? ''}"`)
  try {
    const { values } = parseArgs({ args: [...rest], options: OPTIONS, strict: true })
    return command === 'table' ? tableWish(values) : explainWish(values)
  } catch (cause) {
    return fault(cause instanceof Error ? cause.message : String(cause))
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

function tableWish(values: Values): ParsedArguments {
  const folder = folderPart(values)
  return typeof folder === 'string' ? fault(folder) : { kind: 'wish', wish: { kind: 'table', ...folder } }
}

function explainWish(values: Values): ParsedArguments {
  const { file, pod, resources, namespace } = values
  if (file === undefined) return fault('-f names the file of the call')
  if ((pod === undefined) === (resources === undefined)) return fault('give either --resources or --pod')
  const explain = { file, isJson: values.json }
  if (pod !== undefined) {
    const port = Number(values['admin-port'] ?? DEFAULT_ADMIN_PORT)
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return fault('--admin-port is not a port')
    return { kind: 'wish', wish: { kind: 'pod', namespace, pod, port, ...explain } }
  }
  if (file === '-') return fault('-f - is for --pod: with --resources the call comes from a file')
  const folder = folderPart(values)
  return typeof folder === 'string'
    ? fault(folder)
    : { kind: 'wish', wish: { kind: 'folderExplain', ...folder, ...explain } }
}

/** A sentence when something is missing or wrong. */
function folderPart({ resources, namespace, labels }: Values): FolderPart | string {
  if (resources === undefined) return '--resources names the folder of yaml files'
  const pairs = labels === undefined ? null : labels.split(',').map((pair) => pair.split('='))
  if (pairs?.some((pair) => pair.length !== 2 || pair[0] === '')) return '--labels is not of the form a=b,c=d'
  return { folder: resources, namespace, labels: pairs && Object.fromEntries(pairs) }
}

function fault(message: string): ParsedArguments {
  return { kind: 'fault', message }
}
