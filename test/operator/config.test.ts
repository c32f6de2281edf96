// The operator's settings: what must be given, what is assumed, and every fault at once with its variable's name.
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../operator/config.ts'

const least = {
  MODELROUTE_NAMESPACE: 'modelroute-system',
  MODELROUTE_POD_NAME: 'operator-a',
  MODELROUTE_POD_IP: '10.0.0.7',
  MODELROUTE_PROXY_IMAGE: 'modelroute:1',
  MODELROUTE_PUSH_URL: 'https://modelroute-push.modelroute-system.svc:9444',
}

function configOf(environment: Readonly<Record<string, string | undefined>>) {
  const parsed = parseConfig(environment)
  if (parsed.kind === 'faults') throw new Error(parsed.faults.join(' '))
  return parsed.config
}

describe('parseConfig', () => {
  test('assumes the ports and names of the chart', () => {
    expect(configOf(least)).toMatchObject({
      ports: { webhook: 9443, push: 9444, admin: 9445, dashboard: 4180 },
      caSecret: 'modelroute-ca',
      keySecret: 'modelroute-redaction',
      lease: 'modelroute-operator',
      replicas: 1,
      tokenFile: null,
      kubeconfig: null,
      pushHost: 'modelroute-push.modelroute-system.svc',
    })
  })

  test('names the certificate by everything that the process is called by', () => {
    expect(configOf(least).certificateNames).toEqual([
      'modelroute-push.modelroute-system.svc',
      'modelroute-webhook.modelroute-system.svc',
      'modelroute-push.modelroute-system.svc.cluster.local',
      'modelroute-webhook.modelroute-system.svc.cluster.local',
      '10.0.0.7',
    ])
  })

  test('counts an empty variable as not set, and freezes what it gives', () => {
    const config = configOf({ ...least, MODELROUTE_WEBHOOK_PORT: '', KUBECONFIG: '' })
    expect(config.ports.webhook).toBe(9443)
    expect(config.kubeconfig).toBeNull()
    expect(Object.isFrozen(config)).toBe(true)
  })

  test('reports everything that is missing at once', () => {
    const parsed = parseConfig({})
    expect(parsed).toMatchObject({ kind: 'faults' })
    const faults = parsed.kind === 'faults' ? parsed.faults : []
    expect(new Set(faults.map((fault) => fault.split(' ')[0]))).toEqual(new Set(Object.keys(least)))
  })

  test.each([
    ['MODELROUTE_POD_IP', 'somewhere', 'must be an IP address.'],
    ['MODELROUTE_PUSH_URL', 'http://push:9444', 'must be an https URL.'],
    ['MODELROUTE_PUSH_PORT', '65536', 'must be a whole number from 0 to 65535, not "65536".'],
    ['MODELROUTE_REPLICAS', '0', 'must be a whole number from 1 to 16, not "0".'],
    ['MODELROUTE_REPLICAS', '1.5', 'must be a whole number from 1 to 16, not "1.5".'],
    ['MODELROUTE_LOG_LEVEL', 'loud', 'must be one of debug, info, warn, error, silent.'],
    ['MODELROUTE_PROXY_DIALECTS', 'Claude', 'must be out of OpenAI, Anthropic, Gemini, Ollama, separated by commas'],
    ['MODELROUTE_PROXY_IMAGE_PULL_POLICY', 'Sometimes', 'must be Always, IfNotPresent or Never.'],
    ['MODELROUTE_PROXY_RESOURCES', '{"requests":{}}', 'must be JSON like {"requests"'],
    ['MODELROUTE_PROXY_RESOURCES', 'none', 'must be JSON like {"requests"'],
  ])('%s=%s %s', (name, value, sentence) => {
    const parsed = parseConfig({ ...least, [name]: value })
    expect(parsed).toMatchObject({ kind: 'faults', faults: [expect.stringContaining(`${name} ${sentence}`)] })
  })
})
