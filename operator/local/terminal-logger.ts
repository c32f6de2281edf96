// The operator's warnings and errors as lines for a terminal; what is only of interest in a cluster's log is left out.
// Values are shown as JSON, so that no name can move the cursor.
import type { Logger } from '../../proxy/telemetry/log.ts'

export function createTerminalLogger(print: (line: string) => void): Logger {
  const say = (level: string) => (fields: object, message: string) => {
    const values = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value) ?? 'none'}`)
    print([level, message, ...values].join('  '))
  }
  return { debug: () => undefined, info: () => undefined, warn: say('warn'), error: say('error') }
}
