// Lines of calls: the same form as the logger's, one write a turn.
import { describe, expect, it, test } from 'vitest'
import type { Exchange } from '../../../proxy/exchange.ts'
import { CallLines, MAX_WAITING_CHARACTERS } from '../../../proxy/telemetry/call-lines.ts'
import { createLogger, type LogLevel } from '../../../proxy/telemetry/log.ts'

const exchange: Exchange = {
  id: 'abc-1',
  atMs: 1,
  operation: 'Chat',
  model: 'a "quoted"\nmodel',
  route: 'ns/chat/rule',
  targetId: 'ns/openai/gpt',
  attempts: [{ targetId: 'ns/openai/gpt', outcome: '200', failureClass: null, durationMs: 5 }],
  isStreaming: false,
  tableVersion: '0123456789abcdef',
  status: 200,
  error: null,
  finish: null,
  firstByteMs: 5,
  durationMs: 6,
  requestBytes: 7,
  answerBytes: 8,
}

function lines(level: LogLevel = 'info', nowMs = Date.parse('2026-01-02T03:04:05.006Z')) {
  const settings = { level, name: 'modelroute-proxy', fields: { pod: 'chat-1' } }
  const written: string[] = []
  const turns: (() => void)[] = []
  const output = { write: (text: string) => written.push(text) }
  const clock = { nowMs }
  const callLines = new CallLines(settings, {
    output,
    soon: (run) => void turns.push(run),
    now: () => clock.nowMs,
  })
  return { callLines, written, turns, settings, output, clock }
}

describe('CallLines', () => {
  test("writes a line as the logger would, but for the line's time", () => {
    const { callLines, written, settings, output } = lines()
    createLogger(settings, output).info(exchange, 'call')
    callLines.write(exchange)
    callLines.flush()
    const [expected, actual] = written.map((line) => line.replace(/"time":"[^"]+"/, '"time":""'))
    expect(actual).toBe(expected)
  })

  it.each(['2026-01-02T03:04:05.006Z', '2026-12-31T23:59:59.999Z', '2026-01-01T00:00:00.000Z'])(
    'says the time %s',
    (time) => {
      const { callLines, written } = lines('info', Date.parse(time))
      callLines.write(exchange)
      callLines.flush()
      expect((JSON.parse(written[0] ?? '') as { time: string }).time).toBe(time)
    },
  )

  test('keeps up with the time from line to line', () => {
    const { callLines, written, clock } = lines()
    for (const stepMs of [0, 1, 993, 1, 60_000]) {
      clock.nowMs += stepMs
      callLines.write(exchange)
      callLines.flush()
      expect((JSON.parse(written.at(-1) ?? '') as { time: string }).time).toBe(new Date(clock.nowMs).toISOString())
    }
  })

  test('writes the lines of one turn together, and each once', () => {
    const { callLines, written, turns } = lines()
    for (let count = 0; count < 3; count += 1) callLines.write(exchange)
    expect([written.length, turns.length]).toEqual([0, 1])
    turns.shift()?.()
    expect(written.map((text) => text.split('\n').length - 1)).toEqual([3])
    callLines.flush()
    expect(written).toHaveLength(1)
    callLines.write(exchange)
    expect(turns).toHaveLength(1)
  })

  test('does not gather more than its bound in one turn', () => {
    const { callLines, written } = lines()
    let longest = 0
    for (let count = 0; count < 2000; count += 1) callLines.write(exchange)
    for (const text of written) longest = Math.max(longest, text.length)
    expect(longest).toBeGreaterThan(MAX_WAITING_CHARACTERS)
    expect(longest).toBeLessThan(MAX_WAITING_CHARACTERS + 1000)
  })

  it.each([
    ['debug', 1],
    ['info', 1],
    ['warn', 0],
    ['error', 0],
    ['silent', 0],
  ] as const)('at level %s writes %i line', (level, count) => {
    const { callLines, written } = lines(level)
    callLines.write(exchange)
    callLines.flush()
    expect(written).toHaveLength(count)
  })
})
