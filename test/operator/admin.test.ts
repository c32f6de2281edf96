// The kubelet's and Prometheus' view of the operator.
import { Registry } from 'prom-client'
import { afterEach, describe, expect, test } from 'vitest'
import { type Admin, type AdminDeps, startAdmin } from '../../operator/admin.ts'
import { createOperatorMetrics, observe } from '../../operator/metrics.ts'

let admin: Admin | null = null
afterEach(async () => {
  await admin?.stop()
})

async function ask(path: string, deps: Partial<AdminDeps> = {}): Promise<{ status: number; text: string }> {
  admin = await startAdmin(
    { isLive: () => true, missing: () => [], registry: new Registry(), ...deps },
    { host: '127.0.0.1', port: 0 },
  )
  const response = await fetch(`http://127.0.0.1:${admin.port}${path}`)
  return { status: response.status, text: await response.text() }
}

describe('the admin port', () => {
  test.each([
    ['/livez', {}, 200, 'ok\n'],
    ['/livez?verbose', {}, 200, 'ok\n'],
    ['/livez', { isLive: () => false }, 500, 'a watch is stuck\n'],
    ['/readyz', {}, 200, 'ok\n'],
    ['/readyz', { missing: () => ['resources', 'push'] }, 503, 'waiting for: resources, push\n'],
    ['/other', {}, 404, 'there are /livez, /readyz and /metrics\n'],
  ])('answers %s', async (path, deps, status, text) => {
    expect(await ask(path, deps)).toEqual({ status, text })
  })

  test('gives the metrics, asked for at the time of the scrape', async () => {
    const registry = new Registry()
    const metrics = createOperatorMetrics(registry)
    let depth = 1
    observe(registry, {
      sizes: () => ({ pods: 3 }),
      queueDepth: () => depth,
      isLeader: () => true,
      isFresh: () => false,
    })
    depth = 2
    metrics.sign('pods', 'list')
    metrics.pass({ durationMs: 20, isFailure: false })
    metrics.statusWrite(200)
    const { text } = await ask('/metrics', { registry })
    for (const line of [
      'modelroute_operator_queue_depth 2',
      'modelroute_operator_is_leader 1',
      'modelroute_operator_is_fresh 0',
      'modelroute_operator_objects{kind="pods"} 3',
      'modelroute_operator_watch_signs_total{kind="pods",sign="list"} 1',
      'modelroute_operator_reconcile_seconds_count{result="success"} 1',
      'modelroute_operator_status_writes_total{code="200"} 1',
    ]) {
      expect(text).toContain(line)
    }
  })
})
