// The proxy's lines on the terminal of `npm start`.
import { expect, test } from 'vitest'
import { readableLine } from '../../../operator/local/log-line.ts'

const call = {
  level: 'info',
  time: '2026-11-22T16:55:32.654Z',
  msg: 'call',
  operation: 'Chat',
  model: 'auto',
  route: 'default/local/everything',
  targetId: 'default/beta/beta-large',
  attempts: [{}, {}],
  status: 200,
  error: null,
  durationMs: 624.7,
}

test.each([
  [
    'a call with its way',
    call,
    '16:55:32  200  auto -> default/local/everything -> default/beta/beta-large  2 attempts  625 ms',
  ],
  [
    'a call that went nowhere',
    {
      ...call,
      model: null,
      operation: null,
      route: null,
      targetId: null,
      attempts: [],
      status: 400,
      error: 'body_not_json',
    },
    '16:55:32  400 body_not_json  unknown  625 ms',
  ],
  [
    'a list of models',
    { ...call, operation: 'Models', model: null, route: null, targetId: null, attempts: [] },
    '16:55:32  200  Models  625 ms',
  ],
  ['another line', { time: call.time, level: 'warn', msg: 'no operator' }, '16:55:32  warn  no operator'],
])('%s is one short line', (...[, line, text]) => {
  expect(readableLine(JSON.stringify(line))).toBe(text)
})

test('what is no line of the log stays as it is', () => {
  expect(readableLine('Error: it broke')).toBe('Error: it broke')
  expect(readableLine('{"a":1}')).toBe('{"a":1}')
})

test('a model name cannot move the cursor', () => {
  expect(readableLine(JSON.stringify({ ...call, model: '\u001b[2Jevil\n' }))).toContain('?[2Jevil? ->')
})
