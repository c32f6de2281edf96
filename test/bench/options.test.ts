import { expect, it } from 'vitest'
import { MAX_ROUNDS, parseOptions, PARTS } from './options.ts'

it('measures everything in four rounds unless told otherwise', () => {
  expect(parseOptions([])).toEqual({
    kind: 'options',
    options: {
      parts: PARTS,
      rounds: 4,
      isQuick: false,
      jsonFile: 'dist/bench.json',
      profile: null,
      otherProxies: [],
      isForDocs: false,
      isStrict: false,
    },
  })
})

it('takes a choice of parts, a number of rounds and a file', () => {
  const parsed = parseOptions(['--quick', '--only', 'nginx,modelroute', '--rounds', '7', '--json', 'x.json'])
  expect(parsed).toMatchObject({
    options: { parts: ['nginx', 'modelroute'], rounds: 7, isQuick: true, jsonFile: 'x.json' },
  })
})

it.each([
  [['--only', 'nginx,apache'], /"apache" is not one of direct, nginx/],
  [['--rounds', '0'], /--rounds: 1 to 50/],
  [['--rounds', String(MAX_ROUNDS + 1)], /--rounds: 1 to 50/],
  [['--rounds', 'many'], /--rounds: 1 to 50/],
  [['--fast'], /Unknown option '--fast'/],
])('answers %j with a sentence and exit code 2', (argv, sentence) => {
  expect(parseOptions(argv)).toMatchObject({ kind: 'text', exitCode: 2, text: expect.stringMatching(sentence) })
})
