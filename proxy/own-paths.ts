// Requests for what the proxy itself holds: the deferred calls of its pod, by the path that each was told. No call of a
// model: they are neither routed nor counted.
import type { DeferringOnDemand } from './deferred/deferring-on-demand.ts'
import { errorReply, JOBS_PATH, type OwnReply } from './deferred/job-answers.ts'
import { failure, type Failure } from './errors.ts'
import type { IncomingCall } from './server.ts'
import type { Logger } from './telemetry/log.ts'

export interface OwnPathsDeps {
  readonly deferring: Pick<DeferringOnDemand, 'reply'>
  readonly refusePage: (rawHeaders: readonly string[]) => Failure | null
  readonly logger: Pick<Logger, 'error'>
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE'])

export function isOwnPath(url: string): boolean {
  return url.startsWith(JOBS_PATH)
}

export function serveOwnPath(call: IncomingCall, onEnd: () => void, deps: OwnPathsDeps): void {
  const { request, response, onAdmitted } = call
  onAdmitted()
  request.resume()
  response.once('close', onEnd)
  replyTo(call, deps).then(
    ({ status, rawHeaders, body }) => response.writeHead(status, [...rawHeaders]).end(body),
    (error: unknown) => {
      deps.logger.error({ err: error }, 'a deferred call could not be looked up')
      response.destroy()
    },
  )
}

async function replyTo({ request }: IncomingCall, deps: OwnPathsDeps): Promise<OwnReply> {
  const { method = 'GET', url = '' } = request
  const refusal = deps.refusePage(request.rawHeaders)
  if (refusal !== null) return errorReply(refusal, url)
  if (!METHODS.has(method))
    return errorReply(failure('unknown_path', `${method} is nothing that can be done here.`), url)
  const [path = ''] = url.split('?')
  const reply = await deps.deferring.reply(method === 'HEAD' ? 'GET' : method, path)
  return reply ?? errorReply(failure('job_unknown', 'This path belongs to no deferred call.'), url)
}
