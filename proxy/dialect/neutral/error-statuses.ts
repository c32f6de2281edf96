// HTTP statuses of the neutral classes of errors: where dialects do not differ, every provider answers with these.
// Error writers use it for what the caller gets; the classes themselves are found in error-classes.ts.
import type { ErrorClass } from './chat.ts'

export const STATUSES: Readonly<Record<ErrorClass, number>> = {
  rateLimited: 429,
  overloaded: 503,
  quota: 429,
  auth: 401,
  permission: 403,
  notFound: 404,
  tooLarge: 413,
  contextLength: 400,
  contentFilter: 400,
  badRequest: 400,
  timeout: 504,
  server: 500,
}

export function fallbackMessage(status: number | null): string {
  return status === null
    ? 'The provider ended the stream with an error.'
    : `The provider answered with status ${status}.`
}
