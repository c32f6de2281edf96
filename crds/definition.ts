// Turns the zod schemas of a resource into its CustomResourceDefinition, a plain object.
//
//   spec + status (zod) -> JSON schema -> only the keywords that a structural schema has, in a fixed order
//
// Does no I/O; crds/generate.ts writes the files and crds/structural.ts judges the result.
import * as z from 'zod'
import { modelProviderSpec } from './model-provider.ts'
import { modelRouteSpec } from './model-route.ts'
import { modelProviderStatus, modelRouteStatus } from './status.ts'

export const GROUP = 'modelroute.dev'
export const VERSION = 'v1alpha1'

export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date'
  readonly jsonPath: string
  readonly description: string
  /** 1: only with `-o wide`. */
  readonly priority?: 0 | 1
}

export interface ResourceKind {
  readonly kind: string
  readonly plural: string
  readonly shortName: string
  readonly description: string
  readonly spec: z.ZodType
  readonly status: z.ZodType
  readonly columns: readonly PrinterColumn[]
}

const readyColumn: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
  description: 'Whether everything about this resource works.',
}

const reasonColumn: PrinterColumn = {
  name: 'Reason',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].message',
  description: 'Why it is ready or not.',
  priority: 1,
}

const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since its creation.',
}

export const resourceKinds: readonly ResourceKind[] = [
  {
    kind: 'ModelRoute',
    plural: 'modelroutes',
    shortName: 'mr',
    description: 'Sends the model-API calls of the selected pods to models. The first rule that matches a call wins.',
    spec: modelRouteSpec,
    status: modelRouteStatus,
    columns: [
      readyColumn,
      {
        name: 'Programmed',
        type: 'string',
        jsonPath: '.status.programmed',
        description: 'Proxies that run this generation, of all that should.',
      },
      { name: 'Rules', type: 'integer', jsonPath: '.status.ruleCount', description: 'Number of rules.' },
      reasonColumn,
      ageColumn,
    ],
  },
  {
    kind: 'ModelProvider',
    plural: 'modelproviders',
    shortName: 'mp',
    description: 'A model API: its URL, its dialect, and the Secret that has its key.',
    spec: modelProviderSpec,
    status: modelProviderStatus,
    columns: [
      readyColumn,
      { name: 'Dialect', type: 'string', jsonPath: '.spec.dialect', description: 'The wire format.' },
      { name: 'URL', type: 'string', jsonPath: '.spec.url', description: 'The base URL.', priority: 1 },
      reasonColumn,
      ageColumn,
    ],
  },
]

/** A JSON object whose shape only the API server's rules limit. */
export type SchemaNode = Readonly<Record<string, unknown>>

export interface Definition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string }
  readonly spec: SchemaNode
}

export function customResourceDefinition(resource: ResourceKind): Definition {
  const { kind, plural, shortName, columns } = resource
  const version = {
    name: VERSION,
    served: true,
    storage: true,
    additionalPrinterColumns: columns,
    schema: { openAPIV3Schema: objectSchema(resource) },
    subresources: { status: {} },
  }
  const names = {
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    shortNames: [shortName],
    categories: ['modelroute-dev'],
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: { group: GROUP, names, scope: 'Namespaced', versions: [version] },
  }
}

/** The whole object's schema, metadata left to the API server. */
export function objectSchema({ description, spec, status }: ResourceKind): SchemaNode {
  return {
    description,
    type: 'object',
    properties: {
      apiVersion: { type: 'string', maxLength: 64, description: `Always ${GROUP}/${VERSION}.` },
      kind: { type: 'string', maxLength: 64, description: 'The kind of this resource.' },
      metadata: { type: 'object' },
      spec: toStructural(spec),
      status: toStructural(status),
    },
    required: ['spec'],
  }
}

export function toStructural(schema: z.ZodType): SchemaNode {
  return inOrder(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }))
}

const keywordOrder = ['description', 'type', 'format', 'enum', 'default', 'properties', 'required', 'items']

/** Keywords in a fixed order, so that a change of the zod version does not reorder the generated files. */
function inOrder(node: object): SchemaNode {
  const rank = (keyword: string) => (keywordOrder.includes(keyword) ? keywordOrder.indexOf(keyword) : Infinity)
  const compare = (one: string, other: string) =>
    rank(one) === rank(other) ? one.localeCompare(other) : rank(one) - rank(other)
  const entries = Object.entries(node).toSorted(([one], [other]) => compare(one, other))
  return Object.fromEntries(entries.map(([keyword, value]) => [keyword, inOrderBelow(keyword, value)]))
}

function inOrderBelow(keyword: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (keyword === 'items' || keyword === 'additionalProperties') return inOrder(value)
  if (keyword !== 'properties') return value
  return Object.fromEntries(Object.entries(value).map(([name, node]) => [name, inOrder(node as object)]))
}
