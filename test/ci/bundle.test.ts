// The image runs bundles, not sources: each must load by itself, far from node_modules, and get as far as its settings.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { type EntryPoint, bundle, entryPoints } from '../../.ci/bundle.ts'
import { ExactCounter } from '../../proxy/classify/exact/exact-counter.ts'
import { DetachedWork } from '../../proxy/redact/work/detached-work.ts'
import { systemTimers } from '../../proxy/upstream/timers.ts'
import { runCommand } from '../support/kubernetes/run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'modelroute-bundle-'))
afterAll(() => rmSync(folder, { recursive: true }))

const complaints: Readonly<Record<EntryPoint, string>> = {
  operator: 'MODELROUTE_NAMESPACE must be set',
  proxy: 'Exactly one of MODELROUTE_OPERATOR_URL and MODELROUTE_TABLE_FILE must be set.',
  'webhook-probe': 'MODELROUTE_NAMESPACE must be set',
}

describe('a bundle', () => {
  test.each(Object.keys(entryPoints) as EntryPoint[])('of the %s loads, and misses its settings only', async (name) => {
    const file = await bundle(name, folder)
    const run = await runCommand(process.execPath, [file], { folder, environment: {} })
    expect(run.code).toBe(1)
    expect(run.stdout + run.stderr).toContain(complaints[name])
    expect(run.stdout + run.stderr).not.toMatch(/Warning|at \S+ \(/)
  })
})

test('the threads of the proxy that mask and count are beside it, and do so without the sources', async () => {
  const proxy = await bundle('proxy', folder)
  const threadUrl = new URL('masking-thread.mjs', pathToFileURL(proxy))
  const logger = { error: () => {} }
  const work = new DetachedWork({ timers: systemTimers, logger, memoryKey: Buffer.alloc(32), threadUrl })
  const redaction = { profile: 'Standard', add: [], remove: [], mode: 'Enforce', onFailure: 'Refuse' } as const
  expect(await work.prepare({ id: 'a', redaction, wordLists: new Map() }, 'rule')).toBe(null)
  work.close()
  const countUrl = new URL('token-count.mjs', pathToFileURL(proxy))
  const counter = new ExactCounter({
    timers: { start: () => ({ close: () => {}, refresh: () => {} }) },
    threadUrl: countUrl,
  })
  expect(await counter.count('o200k', ['hello world'])).toBe(2)
  counter.close()
})

test('the bundle of the proxy brings its dictionaries, and not what made them', async () => {
  await bundle('proxy', folder)
  const shipped = readdirSync(join(folder, 'dictionaries'))
  expect(shipped.length).toBeGreaterThan(0)
  expect(shipped.filter((name) => !name.endsWith('.bin'))).toEqual(['NOTICE.md'])
})
