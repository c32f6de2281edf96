// The proxy's settings: defaults, and every fault in one report.
import { describe, expect, it, test } from 'vitest'
import { parseConfig } from '../../proxy/config.ts'

const FILE = { MODELROUTE_TABLE_FILE: '/table.json' }
const STREAM = {
  MODELROUTE_OPERATOR_URL: 'https://push.modelroute-system.svc:9444',
  MODELROUTE_OPERATOR_CA_FILE: '/identity/ca.crt',
  MODELROUTE_TOKEN_FILE: '/identity/token',
}

const faultsOf = (environment: Record<string, string>) => {
  const parsed = parseConfig(environment)
  return parsed.kind === 'faults' ? parsed.faults : []
}

describe('parseConfig', () => {
  test('needs a table file alone', () => {
    expect(parseConfig(FILE)).toEqual({
      kind: 'config',
      config: {
        listen: { host: '127.0.0.1', port: 4141 },
        adminListen: { host: '*', port: 4142 },
        source: { kind: 'file', tableFile: '/table.json', keysFile: null },
        podName: null,
        podNamespace: null,
        logLevel: 'info',
        refusesForeignPages: false,
        drainMs: 25_000,
        maxBodyBytes: 32 * 1024 * 1024,
        maxBodiesInFlightBytes: 64 * 1024 * 1024,
        cache: {
          memoryBytes: 32 * 1024 * 1024,
          disk: null,
          names: { pod: null, workload: null },
          namespace: 'local',
        },
        stateDir: null,
      },
    })
  })

  test('reads the source of a pod', () => {
    const parsed = parseConfig({ ...STREAM, MODELROUTE_STATE_DIR: '/state' })
    expect(parsed).toMatchObject({
      config: {
        source: {
          kind: 'stream',
          operatorUrl: 'https://push.modelroute-system.svc:9444',
          caFile: '/identity/ca.crt',
          tokenFile: '/identity/token',
          stateDir: '/state',
        },
      },
    })
  })

  test('gives a frozen value', () => {
    const parsed = parseConfig(FILE)
    expect(parsed.kind === 'config' && Object.isFrozen(parsed.config)).toBe(true)
  })

  it.each([
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
  ])('takes %s as a place to listen', (text, listen) => {
    expect(parseConfig({ ...FILE, MODELROUTE_LISTEN: text })).toMatchObject({ config: { listen } })
  })

  it.each(['4141', ':4141', '127.0.0.1:', '127.0.0.1:65536', '127.0.0.1:x', '::1:80'])('refuses %s as one', (text) => {
    expect(faultsOf({ ...FILE, MODELROUTE_LISTEN: text })).toEqual([
      `MODELROUTE_LISTEN must be HOST:PORT, for example 127.0.0.1:4141, not "${text}".`,
    ])
  })

  it.each([
    ['0', 0],
    ['86400000', 86_400_000],
  ])('takes %s ms to drain', (text, drainMs) => {
    expect(parseConfig({ ...FILE, MODELROUTE_DRAIN_MS: text })).toMatchObject({ config: { drainMs } })
  })

  it.each(['86400001', '-1', '1.5', '10s', ' 1'])('refuses %j ms to drain', (text) => {
    expect(faultsOf({ ...FILE, MODELROUTE_DRAIN_MS: text })).toEqual([
      `MODELROUTE_DRAIN_MS must be a whole number from 0 to 86400000, not "${text}".`,
    ])
  })

  test('counts an empty variable as not set', () => {
    expect(parseConfig({ ...FILE, MODELROUTE_DRAIN_MS: '', MODELROUTE_OPERATOR_URL: '' })).toMatchObject({
      config: { drainMs: 25_000 },
    })
  })

  test('reports every fault at once', () => {
    const faults = faultsOf({
      MODELROUTE_LISTEN: 'x',
      MODELROUTE_LOG_LEVEL: 'loud',
      MODELROUTE_MAX_BODY_BYTES: '1',
      MODELROUTE_OPERATOR_URL: 'http://plain',
    })
    expect(new Set(faults.map((fault) => fault.split(' ')[0]))).toEqual(
      new Set(['MODELROUTE_LISTEN', 'MODELROUTE_LOG_LEVEL', 'MODELROUTE_MAX_BODY_BYTES', 'MODELROUTE_OPERATOR_URL']),
    )
  })

  it.each([
    ['neither source', {}],
    ['both sources', { ...FILE, ...STREAM }],
  ])('refuses %s', (_, environment) => {
    expect(faultsOf(environment)).toEqual([
      'Exactly one of MODELROUTE_OPERATOR_URL and MODELROUTE_TABLE_FILE must be set.',
    ])
  })

  test('names what is missing beside the operator', () => {
    expect(faultsOf({ MODELROUTE_OPERATOR_URL: STREAM.MODELROUTE_OPERATOR_URL })).toEqual([
      'MODELROUTE_OPERATOR_CA_FILE must be set beside MODELROUTE_OPERATOR_URL.',
      'MODELROUTE_TOKEN_FILE must be set beside MODELROUTE_OPERATOR_URL.',
    ])
  })
})
