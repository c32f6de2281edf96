// The Redis library behind two functions; the only file that imports it, and only when a shared cache is in use. Its
// own reconnecting, offline queue and client-side additions are off: redis-connection.ts decides.
import { createClient, RESP_TYPES } from '@redis/client'
import type { Timers } from '../../upstream/timers.ts'
import type { SharedSettings } from './shared-settings.ts'

export interface ConnectDeps {
  readonly password: string | null
  readonly deadlineMs: number
  readonly timers: Timers
  readonly maxCommands: number
  /** Once connected: the connection broke, or what came was no reply. */
  readonly onFault: (reason: string) => void
}

export interface RedisClient {
  /** Strings come as Buffers. */
  sendCommand(command: readonly (string | Buffer)[]): Promise<unknown>
  destroy(): void
}

/** Rejects when there is no usable connection within the deadline. */
export async function connectClient(settings: SharedSettings, deps: ConnectDeps): Promise<RedisClient> {
  const library = create(settings, deps)
  const binary = library.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
  let isDestroyed = false
  const client: RedisClient = {
    sendCommand: (command) => binary.sendCommand([...command]),
    destroy: () => {
      if (isDestroyed) return
      isDestroyed = true
      library.destroy()
    },
  }
  let fault: unknown = null
  library.on('error', (error: unknown) => {
    fault ??= error
    if (!isDestroyed) deps.onFault(textOf(error))
  })
  library.on('end', () => {
    if (!isDestroyed) deps.onFault('the connection was closed')
  })
  const timer = deps.timers.start(deps.deadlineMs, () => client.destroy())
  try {
    await library.connect()
    if (isDestroyed) throw new Error('no connection in time')
    return client
  } catch (error) {
    client.destroy()
    throw fault ?? error
  } finally {
    timer.close()
  }
}

function create({ host, port, isTls, caPem, username, database }: SharedSettings, deps: ConnectDeps) {
  const common = { host, port, connectTimeout: deps.deadlineMs, reconnectStrategy: false as const }
  return createClient({
    socket: isTls ? { ...common, tls: true, ...(caPem !== null && { ca: caPem }) } : common,
    ...(username !== null && { username }),
    ...(deps.password !== null && { password: deps.password }),
    database,
    RESP: 2,
    commandsQueueMaxLength: deps.maxCommands,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
  })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
