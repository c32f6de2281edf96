// The table that the operator makes of one of crds/examples, its providers' URLs replaced by those of a test.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gather, LastGoodSpecs } from '../../operator/gather.ts'
import { groupPods } from '../../operator/groups.ts'
import { collectObjects } from '../../operator/kube/folder-objects.ts'
import { parseYamlDocuments } from '../../operator/kube/yaml-documents.ts'
import { translate } from '../../operator/translate.ts'
import type { RoutingTable } from '../../proxy/table/schema.ts'
import { anyPod } from './resources.ts'

export interface ExampleTable {
  readonly table: RoutingTable
  /** Ids of the keys that it names. */
  readonly keys: readonly string[]
}

export function tableOfExample(name: string, urls: Readonly<Record<string, string>>, app = 'chat'): ExampleTable {
  const path = join(import.meta.dirname, `../../crds/examples/${name}.yaml`)
  let text = readFileSync(path, 'utf8')
  for (const [from, to] of Object.entries(urls)) {
    if (!text.includes(from)) throw new Error(`${name} has no provider at ${from}`)
    text = text.replaceAll(from, to)
  }
  const parsed = parseYamlDocuments(text)
  if (parsed.kind === 'fault') throw new Error(parsed.message)
  const { routes, providers } = collectObjects([{ path, documents: parsed.documents }], new Map())
  const pods = [anyPod({ namespace: 'default', labels: { app } })]
  const read = () => ({ routes, providers, pods })
  const inputs = gather('default', { source: { read }, keyStates: () => new Map(), lastGood: new LastGoodSpecs() })
  const [group] = translate(inputs, groupPods(inputs)).groups
  if (group === undefined) throw new Error(`${name} makes no table`)
  return { table: group.table, keys: group.keys.map(({ id }) => id) }
}
