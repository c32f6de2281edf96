// The two modules of undici that the proxy loads; the package's own entry also brings fetch, WebSocket and a cache:
// 6 MB of memory and twice the time to start for code that is never run. The version is pinned in package.json.
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici'
}
declare module 'undici/lib/core/connect.js' {
  export { buildConnector as default } from 'undici'
}
