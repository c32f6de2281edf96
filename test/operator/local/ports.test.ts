// Ports that are taken are told before anything starts.
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { portFaults } from '../../../operator/local/ports.ts'

const holders: Server[] = []
afterEach(() => holders.splice(0).forEach((server) => server.close()))

function holdPort(): Promise<number> {
  const server = createServer()
  holders.push(server)
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

test('a port in use is one sentence with its purpose and the variable that moves it', async () => {
  const port = await holdPort()
  const free = { port: 0, purpose: 'dashboard', variable: 'MODELROUTE_DASHBOARD_PORT' }
  expect(await portFaults([{ port, purpose: 'proxy', variable: 'MODELROUTE_PROXY_PORT' }, free])).toEqual([
    `port ${port} (proxy) is in use: stop the program that holds it, or set MODELROUTE_PROXY_PORT to a free port`,
  ])
})

test('a port that was free is free again after the check', async () => {
  const port = await holdPort()
  await new Promise((resolve) => holders.pop()?.close(resolve))
  const entry = { port, purpose: 'proxy', variable: 'MODELROUTE_PROXY_PORT' }
  expect(await portFaults([entry])).toEqual([])
  expect(await portFaults([entry])).toEqual([])
})

test('two purposes on one port are told apart from a port in use', async () => {
  const one = { port: 4141, purpose: 'proxy', variable: 'MODELROUTE_PROXY_PORT' }
  const other = { port: 4141, purpose: 'dashboard', variable: 'MODELROUTE_DASHBOARD_PORT' }
  expect(await portFaults([one, other])).toEqual([
    'MODELROUTE_DASHBOARD_PORT and MODELROUTE_PROXY_PORT are both 4141: give each its own',
  ])
})
