// From a request's method and URL to the dialect and operation it belongs to, before its body is read.
//
//   /openai/v1/chat/completions   the dialect's own prefix, as the injected base URL has it
//   /v1/chat/completions          bare, as an application that sets only a host has it
//   /openai/other, /other         no version prefix: passed through below the provider's host
import type { Place } from '../exchange.ts'
import { openaiChat } from './openai-chat.ts'

const DIALECT_PREFIX = '/openai'
const VERSION_PREFIX = '/v1'

export function recognise(method: string, url: string): Place {
  const queryAt = url.indexOf('?')
  const whole = queryAt === -1 ? url : url.slice(0, queryAt)
  const query = queryAt === -1 ? '' : url.slice(queryAt)
  const fullPath = whole.startsWith(`${DIALECT_PREFIX}/`) ? whole.slice(DIALECT_PREFIX.length) : whole
  const isVersioned = fullPath.startsWith(`${VERSION_PREFIX}/`)
  const path = isVersioned ? fullPath.slice(VERSION_PREFIX.length) : null
  const operation = path === null ? null : openaiChat.operationOf(method, path)
  return { dialect: openaiChat, operation, path, fullPath, query }
}
