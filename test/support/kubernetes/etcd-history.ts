// Compacts etcd up to now, through its JSON gateway (etcd v3 API, KV.Range and KV.Compact).
// After that the API server cannot serve a list or watch from an older resource version.

export async function compactHistory(etcdUrl: string): Promise<void> {
  const range = await post(`${etcdUrl}/v3/kv/range`, { key: Buffer.from('/').toString('base64'), limit: 1 })
  const revision = (range as { header: { revision: string } }).header.revision
  await post(`${etcdUrl}/v3/kv/compaction`, { revision, physical: true })
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return response.json()
}
