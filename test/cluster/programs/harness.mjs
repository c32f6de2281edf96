// What the containers of harness.test.ts run; the first argument says which part to play.
//   serve PORT    answers every request with its pod's name and with what it was asked
//   await PORT    ends well once the port on loopback answers, at the first attempt or not at all
import { createServer } from 'node:http'

const [part, port] = process.argv.slice(2)
process.on('SIGTERM', () => process.exit(0))

if (part === 'serve') {
  const server = createServer((request, response) => response.end(`${process.env.HOSTNAME} ${request.url}\n`))
  server.listen(Number(port), () => console.log(`serving on ${port}`))
} else if (part === 'await') {
  const response = await fetch(`http://127.0.0.1:${port}/first`)
  console.log(`the sidecar answered ${response.status} at the first attempt`)
  if (process.argv[4] === 'stay') setInterval(() => undefined, 60_000)
} else {
  throw new Error(`unknown part: ${part}`)
}
