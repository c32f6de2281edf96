// The operator's lines on the terminal of `npm start`.
import { expect, test } from 'vitest'
import { createTerminalLogger } from '../../../operator/local/terminal-logger.ts'

test('warnings and errors are printed with their fields, the rest is not', () => {
  const lines: string[] = []
  const logger = createTerminalLogger((line) => lines.push(line))
  logger.debug({}, 'detail')
  logger.info({}, 'news')
  logger.warn({ file: 'route.yaml', line: 4, none: undefined }, 'a file has no effect')
  logger.error({ reason: '\u001b[2J' }, 'it failed')
  expect(lines).toEqual([
    'warn  a file has no effect  file="route.yaml"  line=4  none=none',
    'error  it failed  reason="\\u001b[2J"',
  ])
})
