// The documents of a folder as the objects that an API server would have made of them: namespace `default` where none
// is given, a uid that stays while the name does, a generation that counts changes of the spec. Does no I/O.
//
//   FileContent[] -> collectObjects -> FolderObjects { routes, providers, pods, secrets, faults }
import { createHash } from 'node:crypto'
import * as z from 'zod'
import { API_VERSION, readPod, readProvider, readRoute } from './resource.ts'
import type { ModelProviderResource, ModelRouteResource, ProxyPod } from './source.ts'
import { unknownFields } from './unknown-fields.ts'

export interface FileContent {
  readonly path: string
  readonly documents: readonly unknown[]
}

/** Something in a file that has no effect, with the file's name. */
export interface FileFault {
  readonly file: string
  readonly line: number | null
  readonly message: string
}

export interface FolderSecret {
  readonly namespace: string
  readonly name: string
  readonly resourceVersion: string
  /** Base64, as the API has it. */
  readonly data: Readonly<Record<string, string>>
}

export interface FolderObjects {
  readonly routes: readonly ModelRouteResource[]
  readonly providers: readonly ModelProviderResource[]
  readonly pods: readonly ProxyPod[]
  readonly secrets: readonly FolderSecret[]
  readonly faults: readonly FileFault[]
  /** By uid: what `generation` counts from, for the next time. */
  readonly generations: ReadonlyMap<string, Generation>
}

export interface Generation {
  readonly specHash: string
  readonly generation: number
}

const documentSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().min(1).default('default') }),
})

type FolderDocument = z.infer<typeof documentSchema> & { readonly file: string }

const textMap = z.record(z.string(), z.string()).nullish()
const secretSchema = z.object({ data: textMap, stringData: textMap })

/** Kinds that mean nothing here but may well lie in the same file. Of our own group every kind must be known. */
export function collectObjects(
  files: readonly FileContent[],
  generations: ReadonlyMap<string, Generation>,
): FolderObjects {
  const faults: FileFault[] = []
  const documents = withoutTwins(
    files.flatMap((file) => readDocuments(file, faults)),
    faults,
  )
  const counted = new Map(documents.map((document) => [uidOf(document), count(document, generations)]))
  const ofKind = (kind: string, apiVersion: string) =>
    documents.filter((document) => document.kind === kind && document.apiVersion === apiVersion)
  const raw = (document: FolderDocument) => toRaw(document, counted.get(uidOf(document))?.generation ?? 1)
  const result: Omit<FolderObjects, 'faults'> = {
    routes: ofKind('ModelRoute', API_VERSION).flatMap((document) => strict(readRoute(raw(document)), document)),
    providers: ofKind('ModelProvider', API_VERSION).flatMap((document) =>
      strict(readProvider(raw(document)), document),
    ),
    pods: ofKind('Pod', 'v1').flatMap((document) => readPod(raw(document)) ?? []),
    secrets: ofKind('Secret', 'v1').flatMap((document) => readSecret(document, faults) ?? []),
    generations: counted,
  }
  faults.push(...documents.filter(isUnknownKind).map(unknownKind))
  return { ...result, faults }
}

function readDocuments({ path, documents }: FileContent, faults: FileFault[]): FolderDocument[] {
  return documents.flatMap((document) => {
    const list = z.object({ kind: z.literal('List'), items: z.array(z.unknown()) }).safeParse(document)
    if (list.success) return readDocuments({ path, documents: list.data.items }, faults)
    const parsed = documentSchema.safeParse(document)
    if (parsed.success) return [{ ...parsed.data, file: path }]
    const [issue] = parsed.error.issues
    const message = `a document has no readable ${issue?.path.join('.') || 'content'}: ${issue?.message ?? ''}`
    faults.push({ file: path, line: null, message })
    return []
  })
}

/** Of two objects with one name the first counts, by file name; an API server would let the last one overwrite. */
function withoutTwins(documents: readonly FolderDocument[], faults: FileFault[]): readonly FolderDocument[] {
  const byUid = new Map<string, FolderDocument>()
  for (const document of documents) {
    const first = byUid.get(uidOf(document))
    if (first) faults.push(fault(document, `${label(document)} is in ${first.file} already; that one counts`))
    else byUid.set(uidOf(document), document)
  }
  return [...byUid.values()]
}

function count(document: FolderDocument, generations: ReadonlyMap<string, Generation>): Generation {
  const specHash = hash(document['spec'])
  const before = generations.get(uidOf(document))
  if (before?.specHash === specHash) return before
  return { specHash, generation: (before?.generation ?? 0) + 1 }
}

function toRaw(document: FolderDocument, generation: number): unknown {
  const metadata = { ...document.metadata, uid: uidOf(document), generation, resourceVersion: hash(document) }
  return { ...document, metadata }
}

/** A misspelt field is a fault of the resource, as it would be at `kubectl apply`. */
function strict<Kind extends ModelRouteResource | ModelProviderResource>(
  resource: Kind | null,
  document: FolderDocument,
) {
  if (!resource) return []
  const unknown = resource.spec === null ? [] : unknownFields(document['spec'], resource.spec)
  if (unknown.length === 0) return [resource]
  const faults = unknown.map((path) => ({ path, message: 'there is no such field: correct its name or remove it' }))
  return [Object.freeze({ ...resource, spec: null, faults })]
}

function readSecret(document: FolderDocument, faults: FileFault[]): FolderSecret | null {
  const parsed = secretSchema.safeParse(document)
  if (!parsed.success) {
    // The issue names the field; the value, which may be the key itself, is never repeated.
    const [issue] = parsed.error.issues
    faults.push(fault(document, `${label(document)}: ${issue?.path.join('.')} is not text`))
    return null
  }
  const { data, stringData } = parsed.data
  const encoded = Object.entries(stringData ?? {}).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  return {
    namespace: document.metadata.namespace,
    name: document.metadata.name,
    resourceVersion: hash([data, stringData]),
    data: { ...data, ...Object.fromEntries(encoded) },
  }
}

function isUnknownKind({ apiVersion, kind }: FolderDocument): boolean {
  if (!apiVersion.startsWith('modelroute.dev/')) return false
  return apiVersion !== API_VERSION || (kind !== 'ModelRoute' && kind !== 'ModelProvider')
}

function unknownKind(document: FolderDocument): FileFault {
  return fault(document, `${label(document)}: ${API_VERSION} has the kinds ModelRoute and ModelProvider only`)
}

function fault(document: FolderDocument, message: string): FileFault {
  return { file: document.file, line: null, message }
}

function label({ apiVersion, kind, metadata }: FolderDocument): string {
  return `${apiVersion} ${kind} "${metadata.namespace}/${metadata.name}"`
}

/** The shape of a uid, so that nothing that reads one needs to know where it came from. */
function uidOf({ apiVersion, kind, metadata }: FolderDocument): string {
  const hex = hash([apiVersion, kind, metadata.namespace, metadata.name])
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

function hash(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex')
    .slice(0, 32)
}
