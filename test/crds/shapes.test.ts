// Shapes that both resources use: both sides of each boundary.
import { describe, expect, test } from 'vitest'
import { celMatches, duration, durationToMs, kubernetesName, secretKeyName } from '../../crds/shapes.ts'
import { modelProviderSpec } from '../../crds/model-provider.ts'

describe('a duration', () => {
  test.each([
    ['1ms', 1],
    ['10s', 10_000],
    ['1h30m', 5_400_000],
    ['1m1s1ms', 61_001],
    ['24h', 86_400_000],
  ])('%s has %d milliseconds', (text, milliseconds) => {
    expect(duration.parse(text)).toBe(text)
    expect(durationToMs(text)).toBe(milliseconds)
  })

  test.each(['', '10', '10 s', '1.5s', '-1s', '1d', '123456s', '1h1m1s1ms1ms', '0s', '0h0m', '24h1ms', '25h'])(
    '"%s" is refused',
    (text) => expect(duration.safeParse(text).success).toBe(false),
  )
})

describe('a name', () => {
  test.each(['a', 'open-ai', 'a.b', '0', 'x'.repeat(253)])('%s is taken', (name) => {
    expect(kubernetesName.safeParse(name).success).toBe(true)
  })
  test.each(['', '-a', 'a-', 'A', 'a_b', '.a', 'x'.repeat(254)])('"%s" is refused', (name) => {
    expect(kubernetesName.safeParse(name).success).toBe(false)
  })
  test.each([
    ['api-key', true],
    ['.env_KEY', true],
    ['a/b', false],
    ['', false],
  ])('"%s" as the key of a Secret: %s', (key, isTaken) => {
    expect(secretKeyName.safeParse(key).success).toBe(isTaken)
  })
})

describe('a provider with a key', () => {
  const credential = { secretRef: { name: 'openai', key: 'api-key' } }

  test.each([
    ['https://api.openai.com/v1', true],
    ['http://api.openai.com/v1', false],
    ['http://vllm.models.svc:8000/v1', true],
    ['http://vllm.models.svc', true],
    ['http://vllm.models.svc.cluster.local/v1', true],
    ['http://vllm.models.svc.example.com/v1', false],
    ['http://svc/v1', false],
    ['http://example.com/a.svc', false],
    ['http://localhost:11434/v1', true],
    ['http://127.0.0.1:4191/v1', true],
    ['http://127.0.0.1.example.com/v1', false],
    ['http://localhost.example.com', false],
    ['http://[::1]:4191/v1', true],
  ])('%s may carry it: %s', (url, isTaken) => {
    expect(modelProviderSpec.safeParse({ dialect: 'OpenAI', url, credential }).success).toBe(isTaken)
    expect(modelProviderSpec.safeParse({ dialect: 'OpenAI', url }).success).toBe(true)
  })
})

test('a pattern reaches CEL with its quotes and backslashes escaped', () => {
  expect(celMatches('self', /^\/it's\.$/)).toBe(String.raw`self.matches('^/it\'s\\.$')`)
})
