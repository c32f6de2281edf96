// Fixed ports, checked before anything starts: one sentence for every port that another program holds.
// Does not keep them: a program that is faster in between is met by the server itself, as an error of its start.
import { createServer } from 'node:net'

export interface NamedPort {
  readonly port: number
  readonly purpose: string
  /** The variable that moves it. */
  readonly variable: string
}

/** Sentences about the ports of loopback that are taken, and about two purposes on one port. */
export async function portFaults(ports: readonly NamedPort[]): Promise<readonly string[]> {
  const doubles = ports.flatMap((entry, position) => {
    const other = ports.slice(0, position).find(({ port }) => port !== 0 && port === entry.port)
    return other === undefined
      ? []
      : [`${entry.variable} and ${other.variable} are both ${entry.port}: give each its own`]
  })
  if (doubles.length > 0) return doubles
  const checks = await Promise.all(
    ports.map(async (entry) => ({ entry, code: entry.port === 0 ? null : await tryListen(entry.port) })),
  )
  return checks.flatMap(({ entry, code }) => (code === null ? [] : [describe(entry, code)]))
}

function describe({ port, purpose, variable }: NamedPort, code: string): string {
  if (code === 'EADDRINUSE') {
    return `port ${port} (${purpose}) is in use: stop the program that holds it, or set ${variable} to a free port`
  }
  return `port ${port} (${purpose}) cannot be opened (${code}): set ${variable} to another port`
}

/** The error's code; null when the port is free. */
function tryListen(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? cause.message))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(null)))
  })
}
