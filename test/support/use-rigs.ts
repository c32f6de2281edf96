// Rigs and proxies that end with the test that made them.
import { afterEach } from 'vitest'
import { BareProxy, makeProxy, removeFolder, startRig } from './push-rig.ts'
import type { Rig, RigOptions, TestProxy, TestProxyOptions } from './push-rig.ts'

export interface Rigs {
  readonly rigged: (options?: RigOptions) => Promise<Rig>
  readonly proxied: (rig: Pick<Rig, 'url' | 'caPem'>, options?: TestProxyOptions) => Promise<TestProxy>
  readonly bare: (rig: Rig, options?: { readonly token?: string; readonly path?: string }) => BareProxy
}

export function useRigs(): Rigs {
  const cleanUps: (() => unknown)[] = []
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
  })
  return {
    rigged: async (options = {}) => {
      const rig = await startRig(options)
      cleanUps.push(() => rig.push.stop())
      return rig
    },
    proxied: async (rig, options = {}) => {
      const proxy = makeProxy(rig, options)
      cleanUps.push(() => removeFolder(proxy.folder))
      cleanUps.push(() => proxy.stop())
      await proxy.source.start()
      return proxy
    },
    bare: (rig, options = {}) => {
      const proxy = new BareProxy(rig, options).listen()
      cleanUps.push(() => proxy.close())
      return proxy
    },
  }
}
