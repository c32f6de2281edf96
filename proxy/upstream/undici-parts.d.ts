// The two modules of undici that the proxy loads; the package's own entry also brings fetch, WebSocket and a cache:
// 6 MB of memory and twice the time to start for code that is never run. The version is pinned in package.json.
declare module 'undici/lib/core/connect.js' {
  import type { Socket } from 'node:net'
  import type { buildConnector } from 'undici'

  // undici's own declaration leaves out that the socket is returned at once.
  type Connect = (options: buildConnector.Options, done: buildConnector.Callback) => Socket
  export default function build(options: buildConnector.BuildOptions): Connect
}
declare module 'undici/lib/core/errors.js' {
  import type { errors } from 'undici'

  interface Errors extends Pick<typeof errors, 'HeadersOverflowError' | 'InvalidArgumentError' | 'SocketError'> {
    // Its declared constructor is that of every error, the real one takes the code as well.
    readonly HTTPParserError: new (message: string, code: string) => errors.HTTPParserError
  }
  const all: Errors
  export default all
}
