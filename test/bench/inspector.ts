// A client of Node's inspector, as far as a CPU profile needs it: one request at a time over a WebSocket.

export interface Inspector {
  /** Resolves with the method's result; rejects with the inspector's own message. */
  readonly call: (method: string, params: object) => Promise<unknown>
  readonly close: () => void
}

interface Reply {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export async function connectInspector(port: number): Promise<Inspector> {
  const list = await fetch(`http://127.0.0.1:${port}/json/list`)
  const [target] = (await list.json()) as { webSocketDebuggerUrl: string }[]
  if (target === undefined) throw new Error(`the inspector on port ${port} has no target`)
  const socket = new WebSocket(target.webSocketDebuggerUrl)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', () => reject(new Error(`no inspector on port ${port}`)), { once: true })
  })
  let lastId = 0
  const call = (method: string, params: object) => {
    lastId += 1
    const id = lastId
    const answered = new Promise<unknown>((resolve, reject) => {
      const listen = (event: MessageEvent) => {
        const reply = JSON.parse(String(event.data)) as Reply
        if (reply.id !== id) return
        socket.removeEventListener('message', listen)
        if (reply.error === undefined) resolve(reply.result)
        else reject(new Error(`${method}: ${reply.error.message}`))
      }
      socket.addEventListener('message', listen)
    })
    socket.send(JSON.stringify({ id, method, params }))
    return answered
  }
  return { call, close: () => socket.close() }
}
