// One upgrade (WebSocket) on its way: http-proxy joins the two sockets, this file sees to every other end: an upgrade
// that the provider declines, one that cannot be passed on, and connections that break.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { emptyTrail, refuse } from '../answer.ts'
import type { Failure } from '../errors.ts'
import { writeRefusal } from '../refused-head.ts'
import { limitConnecting, redirect, toTarget, unreachable, type Engine, type Passing } from './passed-request.ts'
import type { IncomingUpgrade } from '../server.ts'
import type { Destination } from '../upstream/destination.ts'

export type PassingUpgrade = Passing & IncomingUpgrade

export function upgradeTo(destination: Destination, call: PassingUpgrade, { createProxy, timers }: Engine): void {
  const { request, socket, head, caller, passed } = call
  if (caller.isGone) return
  redirect(request, destination)
  let isAnswered = false
  const proxy = createProxy()
  proxy.on('proxyReqWs', (outgoing) => {
    // http-proxy folds slashes.
    outgoing.path = destination.path
    outgoing.once('socket', () => limitConnecting(outgoing, timers))
    caller.whenGone(() => outgoing.destroy())
    outgoing.once('response', (incoming) => {
      isAnswered = true
      passed.answered(incoming.statusCode ?? 0)
      passOnRefusal(incoming, call)
    })
  })
  // Nobody else reads from this socket before the two are joined, so that its end would not be noticed.
  const notice = () => void (socket.readableLength === 0 && socket.read())
  socket.on('readable', notice)
  proxy.on('open', (providerSocket) => {
    isAnswered = true
    socket.removeListener('readable', notice)
    passed.answered(101)
    // A closed half is the end of a WebSocket's connection; http-proxy passes on an orderly end alone.
    socket.once('close', () => providerSocket.destroy())
    providerSocket.once('close', () => socket.destroy())
  })
  proxy.ws(request, socket, head, { target: toTarget(destination) }, (error) => {
    if (caller.isGone) passed.failed('caller_gone')
    if (!isAnswered) return failUpgrade(unreachable(destination, error), call)
    // An answer of our own would land inside of a frame.
    passed.failed('passthrough_failed')
    socket.destroy()
  })
}

export function failUpgrade(reason: Failure, { passed, socket, id, place }: Omit<PassingUpgrade, 'caller'>): void {
  passed.failed(reason.code)
  if (!socket.writable) return
  const answer = refuse(reason, place, emptyTrail(place))
  writeRefusal(socket, { ...answer, rawHeaders: [...answer.rawHeaders, 'x-modelroute-request-id', id] })
}

/** http-proxy writes these headers and then the bare body, whose end is the end of the connection. */
function passOnRefusal(
  incoming: IncomingMessage,
  { socket, passed }: { socket: Duplex } & Pick<Passing, 'passed'>,
): void {
  for (const name of ['transfer-encoding', 'keep-alive', 'trailer']) delete incoming.headers[name]
  incoming.headers.connection = 'close'
  incoming.once('close', () => {
    if (incoming.complete) return
    passed.failed('passthrough_failed')
    socket.destroy()
  })
}
