// The routing that the documents promise, as rules and as calls with the rule that must take each: held against
// `npm start` and against pods in a cluster.

/** What a backend is for; the tests say which provider and model play each part. */
export type Part = 'coder' | 'seer' | 'long' | 'basic' | 'premium' | 'default' | 'other'
export type Cast = Readonly<Record<Part, { readonly provider: string; readonly model: string }>>

const WORKING_HOURS = { timeZone: 'Asia/Shanghai', from: '09:00', to: '18:00' }

export function documentedRules(cast: Cast): readonly object[] {
  const by = (part: Part, rest: object = {}) => ({
    providerRef: { name: cast[part].provider },
    model: cast[part].model,
    ...rest,
  })
  return [
    { name: 'code', match: { models: ['auto'], content: ['Code'] }, backends: [by('coder')] },
    { name: 'pictures', match: { models: ['auto'], content: ['Image'] }, backends: [by('seer')] },
    { name: 'long', match: { models: ['auto'], contextTokens: { min: 16_000 } }, backends: [by('long')] },
    { name: 'by-day', match: { models: ['daily'], schedule: WORKING_HOURS }, backends: [by('basic')] },
    { name: 'outside', match: { models: ['daily'] }, backends: [by('premium')] },
    { name: 'rest', explicitModels: 'Keep', backends: [by('default'), by('other', { tier: 1 })] },
  ]
}

export interface DocumentedCall {
  readonly what: string
  readonly model: string
  readonly say: string
  readonly times?: number
  readonly hasPicture?: boolean
  readonly rule: string
  readonly part: Part
}

const CODE =
  'function total(items) {\n  let sum = 0\n  for (const item of items) {\n    sum += item.price * item.count\n  }\n'
const SENTENCE = 'The committee met again that year, and its members talked about the old town hall for an hour. '

/** `nowMs`: when the calls are made, for the rule that looks at the time. */
export function documentedCalls(nowMs: number): readonly DocumentedCall[] {
  const hour = Number(
    new Intl.DateTimeFormat('en', { timeZone: 'Asia/Shanghai', hour: 'numeric', hourCycle: 'h23' }).format(nowMs),
  )
  const isDay = hour >= 9 && hour < 18
  const caption = 'What does this picture show?'
  return [
    { what: 'a code completion', model: 'auto', say: CODE, rule: 'code', part: 'coder' },
    { what: 'an image caption', model: 'auto', say: caption, hasPicture: true, rule: 'pictures', part: 'seer' },
    { what: '20,000 tokens', model: 'auto', say: SENTENCE, times: 1000, rule: 'long', part: 'long' },
    {
      what: 'the time in Shanghai',
      model: 'daily',
      say: 'Good day',
      rule: isDay ? 'by-day' : 'outside',
      part: isDay ? 'basic' : 'premium',
    },
    { what: 'anything else', model: 'auto', say: 'Good day', rule: 'rest', part: 'default' },
  ]
}
