// Finds a free port on loopback below the system's range for outgoing connections (32768 and up on Linux).
// A server that is stopped and started again would otherwise lose its port to a client that dials it,
// since a connection to a free port of that range can connect to itself.
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const lowest = 20_000
const highest = 32_000
const attempts = 50

export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = randomInt(lowest, highest)
    if (await canListen(address, port)) return port
  }
  throw new Error(`No free port on ${address} between ${lowest} and ${highest} after ${attempts} attempts.`)
}

function canListen(address: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen(port, address, () => server.close(() => resolve(true)))
  return promise
}
