// The settings of `npm start`: defaults, overrides, and sentences for what is wrong, all at once.
import { expect, test } from 'vitest'
import { parseLocalSettings, USAGE } from '../../../operator/local/settings.ts'

function parse(argv: readonly string[] = [], env: Record<string, string> = {}) {
  return parseLocalSettings({ argv, env, workingFolder: '/project', defaultResources: '/product/examples' })
}

test('without anything said the ports are fixed and the folder is the examples', () => {
  expect(parse()).toEqual({
    kind: 'settings',
    settings: {
      resources: '/product/examples',
      proxyPort: 4141,
      adminPort: 4142,
      dashboardPort: 4180,
      alphaPort: 4191,
      betaPort: 4192,
      firstTokenMs: 250,
      tokenIntervalMs: 40,
      logLevel: 'info',
    },
  })
})

test.each([
  ['--resources DIR', ['--resources', 'mine'], {}, '/project/mine'],
  ['--resources=DIR', ['--resources=mine'], {}, '/project/mine'],
  ['an absolute folder', ['--resources', '/else/where'], {}, '/else/where'],
  ['the variable', [], { MODELROUTE_RESOURCES: 'from-env' }, '/project/from-env'],
  [
    'the argument, which wins over the variable',
    ['--resources', 'mine'],
    { MODELROUTE_RESOURCES: 'x' },
    '/project/mine',
  ],
  ['an empty variable, which counts as none', [], { MODELROUTE_RESOURCES: '' }, '/product/examples'],
] as const)('the folder comes from %s', (...[, argv, env, resources]) => {
  expect(parse(argv, env)).toMatchObject({ settings: { resources } })
})

test('variables move the ports, pace the models and set the log level', () => {
  const env = {
    MODELROUTE_PROXY_PORT: '65535',
    MODELROUTE_DASHBOARD_PORT: '0',
    MODELROUTE_TOKEN_INTERVAL_MS: '0',
    MODELROUTE_LOG_LEVEL: 'warn',
  }
  expect(parse([], env)).toMatchObject({
    settings: { proxyPort: 65_535, dashboardPort: 0, tokenIntervalMs: 0, logLevel: 'warn' },
  })
})

test('everything that is wrong is said at once', () => {
  const env = { MODELROUTE_PROXY_PORT: '65536', MODELROUTE_ALPHA_PORT: '-1', MODELROUTE_LOG_LEVEL: 'loud' }
  expect(parse(['--folder', 'x'], env)).toEqual({
    kind: 'faults',
    faults: [
      `"--folder x" is not understood; ${USAGE}`,
      'MODELROUTE_PROXY_PORT is "65536": give a whole number from 0 to 65535',
      'MODELROUTE_ALPHA_PORT is "-1": give a whole number from 0 to 65535',
      'MODELROUTE_LOG_LEVEL is "loud": give one of debug, info, warn, error, silent',
    ],
  })
})

test.each([['--resources'], ['--resources='], ['--resources a b']])('"%s" is refused with the usage', (line) => {
  expect(parse(line.split(' '))).toEqual({ kind: 'faults', faults: [`"${line}" is not understood; ${USAGE}`] })
})
