// The proxy's JSON lines as a person reads them on a terminal. Pure.
//
//   {"msg":"call","model":"auto","status":200,...} -> 16:55:32  200  auto -> rule -> target  1 attempt  663 ms
//   any other line of the log                      -> 16:55:31  info  its message
//   what is no line of the log                     -> as it is
import * as z from 'zod'

const call = z.object({
  msg: z.literal('call'),
  time: z.string(),
  status: z.number(),
  error: z.string().nullable(),
  operation: z.string().nullable(),
  model: z.string().nullable(),
  route: z.string().nullable(),
  targetId: z.string().nullable(),
  attempts: z.array(z.unknown()),
  durationMs: z.number(),
})

const other = z.object({ msg: z.string(), time: z.string(), level: z.string() })

/** Control characters in names become `?`, so that no name can move the cursor. */
export function readableLine(line: string): string {
  const value = parseJson(line)
  const asCall = call.safeParse(value)
  if (asCall.success) return printable(describeCall(asCall.data))
  const asOther = other.safeParse(value)
  if (asOther.success) return printable(`${clockTime(asOther.data.time)}  ${asOther.data.level}  ${asOther.data.msg}`)
  return printable(line)
}

function describeCall(done: z.infer<typeof call>): string {
  const way = [done.model ?? done.operation ?? 'unknown', done.route, done.targetId].filter((step) => step !== null)
  const count = done.attempts.length
  return [
    clockTime(done.time),
    done.error === null ? String(done.status) : `${done.status} ${done.error}`,
    way.join(' -> '),
    ...(count > 1 ? [`${count} attempts`] : []),
    `${Math.round(done.durationMs)} ms`,
  ].join('  ')
}

function clockTime(time: string): string {
  return time.slice(11, 19)
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
