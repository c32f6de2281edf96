// Both ends of HTTP as bytes, for what no library would send: a caller that writes what a test says, and a provider
// whose answer is any text.
import { connect } from 'node:net'
import type { Behaviour } from './upstream.ts'

/** Sends the text and resolves with all that came back when the other side has closed. */
export function converse(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => (heard += part))
    socket.on('error', reject)
    socket.on('close', () => resolve(heard))
    socket.write(text, 'latin1')
  })
}

/** Answers with these bytes in place of a response; the connection stays open. */
export const says =
  (text: string): Behaviour =>
  (response) => {
    response.socket?.write(text, 'latin1')
  }

/** The body of an answer as it stands on the wire. */
export const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4)
