// Which calls a rule takes: every field that is given must hold. Part of ModelRoute; operator/rules/match.ts says the
// same in the table's words, and proxy/table/match.ts decides by it.
import * as z from 'zod'
import { form, withRules } from './shapes.ts'

/** What no rule may look at: their values are keys. */
const CREDENTIAL_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie', 'proxy-authorization']

export const headerName = withRules(z.string().min(1).max(64), [
  form(/^[a-z0-9_-]+$/, 'not a name of a header: use lower case a-z, 0-9, "-" and "_"'),
  {
    holds: (name) => !CREDENTIAL_HEADERS.includes(name),
    cel: `!(self in ['${CREDENTIAL_HEADERS.join("', '")}'])`,
    message: 'this header carries a credential, and a rule must not depend on one',
  },
])

const header = withRules(
  z.object({
    name: headerName.meta({ description: 'Name of a header of the call, in lower case.' }),
    value: z.string().max(256).optional().meta({ description: 'Its whole value, case included.' }),
    prefix: z.string().min(1).max(256).optional().meta({ description: 'What its value begins with.' }),
  }),
  [
    {
      holds: ({ value, prefix }) => value === undefined || prefix === undefined,
      cel: '!has(self.value) || !has(self.prefix)',
      message: 'value and prefix are both set: keep one, or neither to ask only that the header is there',
    },
  ],
)

const TIME_SENTENCE = 'not a time of the day: write 00:00 to 23:59, or 24:00 for the end of the day'
const timeOfDay = withRules(z.string().min(5).max(5), [form(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, TIME_SENTENCE)])

const timeZone = withRules(z.string().min(1).max(64), [
  {
    holds: isTimeZone,
    // The API server's own table of zones judges the name: an unknown one fails this rule with its own sentence.
    cel: "self.matches('^[A-Za-z]') && timestamp('2026-01-01T00:00:00Z').getHours(self) >= 0",
    message: 'not a time zone: write a name of the IANA database, for example Asia/Shanghai or UTC',
  },
])

function isTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const

export const schedule = withRules(
  z.object({
    timeZone: timeZone.meta({ description: 'The zone whose wall clock counts, by its name in the IANA database.' }),
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .max(7)
      .default([...DAYS])
      .meta({
        description: 'Days on which the window begins. Every day unless set.',
        'x-kubernetes-list-type': 'atomic',
      }),
    from: timeOfDay.default('00:00').meta({ description: 'The first minute of the window: 09:00.' }),
    to: timeOfDay.default('24:00').meta({
      description: 'The first minute after it: 18:00. Earlier than from: the window ends on the next day.',
    }),
  }),
  [
    {
      holds: ({ from, to }) => from !== to && from !== '24:00' && to !== '00:00',
      cel: "self.from != self.to && self.from != '24:00' && self.to != '00:00'",
      message: 'an empty window: from and to must differ, from is 23:59 at most, and the end of the day is 24:00',
    },
  ],
)

const tokens = z.int().min(0).max(1_000_000_000)

const contextTokens = withRules(
  z.object({
    min: tokens.optional().meta({ description: 'The rule takes prompts of so many tokens and more.' }),
    max: tokens.optional().meta({ description: 'The rule takes prompts of so many tokens and fewer.' }),
  }),
  [
    {
      holds: ({ min, max }) => min !== undefined || max !== undefined,
      cel: 'has(self.min) || has(self.max)',
      message: 'neither min nor max is set: set one of them, or leave contextTokens out',
    },
    {
      holds: ({ min = 0, max = Infinity }) => min <= max,
      cel: '!has(self.min) || !has(self.max) || self.min <= self.max',
      message: 'min is larger than max, so that no call could match: exchange them',
    },
  ],
)

export const match = z.object({
  models: z.array(z.string().min(1).max(256)).max(64).optional().meta({
    description: 'Models the application asks for: exact names, "auto", or globs with * and ?. Absent: every model.',
    'x-kubernetes-list-type': 'atomic',
  }),
  operations: z
    .array(z.enum(['Chat', 'Completion', 'Response', 'Embedding', 'CountTokens']))
    .max(16)
    .optional()
    .meta({
      description:
        'What the application asks for: Chat (chat completions, messages, generateContent, api/chat, prompts), ' +
        'Completion (older completions, api/generate), Response (OpenAI responses), Embedding, CountTokens. ' +
        'Absent: everything.',
      'x-kubernetes-list-type': 'atomic',
    }),
  headers: z.array(header).max(8).optional().meta({
    description: 'Headers of the call, all of which must hold. A header that comes twice counts with its first value.',
    'x-kubernetes-list-type': 'atomic',
  }),
  content: z
    .array(z.enum(['Code', 'Text', 'Image', 'Audio']))
    .max(4)
    .optional()
    .meta({
      description:
        'What the call is: Audio (sound is in it), Image (a picture or a video is in it), Code (what the user said ' +
        'last is mostly code), Text (everything else). docs/classification.md says how it is told. Absent: whatever it is.',
      'x-kubernetes-list-type': 'atomic',
    }),
  contextTokens: contextTokens.optional().meta({
    description:
      "Tokens of the prompt, with its pictures and tools, without the answer: an estimate for the asked model's " +
      'tokenizer, both ends included (docs/tokens.md). Absent: however long it is.',
  }),
  podLabels: z
    .record(z.string().max(317), z.string().max(63))
    .optional()
    .meta({
      description:
        "Labels that the calling pod carries, all of them, beside those of the route's podSelector. Absent: every pod " +
        'that the route selects.',
      maxProperties: 16,
    }),
  schedule: schedule.optional().meta({ description: 'When the rule takes calls. Absent: at any time.' }),
})

export type MatchSpec = z.infer<typeof match>
