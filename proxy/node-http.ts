// node:http without its ES module facade. `import ... from 'node:http'` copies every export when it is linked, which
// runs the getters that load Node's own fetch and WebSocket: 15 MB of memory and 50 ms of start for code the proxy
// never uses (measured on Node 26). `require` leaves the getters alone. The one module that may do work at import.
import { createRequire } from 'node:module'
import type * as Http from 'node:http'

export const http = createRequire(import.meta.url)('node:http') as typeof Http
