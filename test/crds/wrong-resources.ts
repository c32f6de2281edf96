// Wrong resources, each with the sentence its author must see. Two tests read them: test/crds/wrong-resources.test.ts
// holds the zod schemas to the sentence (a folder of yaml), test/api/wrong-resources.test.ts the real API server.

export interface WrongResource {
  /** What is wrong, as a test's name. */
  readonly mistake: string
  readonly kind: 'ModelRoute' | 'ModelProvider'
  readonly spec: unknown
  /** Where the fault is, as both print it. */
  readonly path: string
  /** The value that `kubectl apply` repeats before a sentence about a text. */
  readonly value?: string
  /** The same from zod and from `kubectl apply`; absent where each has words of its own. */
  readonly sentence?: string
  /** What `kubectl apply` prints after the path, where it is not the sentence. */
  readonly kubectl?: string
}

const backend = { providerRef: { name: 'openai' } }
const route = (rule: object, rest: object = {}) => ({
  podSelector: {},
  rules: [{ name: 'all', backends: [backend], ...rule }],
  ...rest,
})
const provider = (fields: object) => ({ dialect: 'OpenAI', url: 'https://api.openai.com/v1', ...fields })
const credential = { secretRef: { name: 'openai', key: 'api-key' } }

const ZONE_SENTENCE = 'not a time zone: write a name of the IANA database, for example Asia/Shanghai or UTC'
const PATTERN_SENTENCE =
  'not a pattern that can be used: write RE2 syntax (no look-around, no back references) that does not match the empty text'

export const wrongResources: readonly WrongResource[] = [
  {
    mistake: 'two rules of one name',
    kind: 'ModelRoute',
    spec: {
      podSelector: {},
      rules: [
        { name: 'chat', backends: [backend] },
        { name: 'chat', backends: [backend] },
      ],
    },
    path: 'spec.rules',
    sentence: 'two rules have the same name: give each rule of this ModelRoute its own',
  },
  {
    mistake: 'a rule without backends',
    kind: 'ModelRoute',
    spec: route({ backends: [] }),
    path: 'spec.rules[0].backends',
    sentence: 'a rule needs at least one backend: name a ModelProvider in providerRef.name',
  },
  {
    mistake: 'a cache that waits for pods with which it shares nothing',
    kind: 'ModelRoute',
    spec: route({ cache: { singleFlight: 'Shared' } }),
    path: 'spec.rules[0].cache',
    sentence:
      'singleFlight Shared waits for answers of other pods, and shareWith Pod takes none: set Workload or Namespace',
  },
  {
    mistake: 'a temperature that is none',
    kind: 'ModelRoute',
    spec: route({ cache: { maxTemperature: '-1' } }),
    path: 'spec.rules[0].cache.maxTemperature',
    value: '-1',
    sentence: 'not a temperature: write it as text, for example "0" or "0.2"',
  },
  {
    mistake: 'a batch of nothing',
    kind: 'ModelRoute',
    spec: route({ batch: {} }),
    path: 'spec.rules[0].batch',
    sentence: 'batch says nothing: name what may be sent together, embeddings: {} for a start',
  },
  {
    mistake: 'a batch that waits for ever',
    kind: 'ModelRoute',
    spec: route({ batch: { embeddings: { wait: '3s' } } }),
    path: 'spec.rules[0].batch.embeddings.wait',
    value: '3s',
    sentence: 'every first call of a batch waits this long: at most 1s, and a few milliseconds are enough',
  },
  {
    mistake: 'deferred calls that are never sent',
    kind: 'ModelRoute',
    spec: route({ deferred: {} }),
    path: 'spec.rules[0].deferred',
    sentence: 'deferred says nothing: name how calls are sent, batchApi: {} or offPeak with a window',
  },
  {
    mistake: 'a deferred call with no time',
    kind: 'ModelRoute',
    spec: route({ deferred: { batchApi: {}, within: '30s' } }),
    path: 'spec.rules[0].deferred.within',
    value: '30s',
    sentence: 'shorter than any deferred call takes: at least 1m',
  },
  {
    mistake: 'a sticky key where the strategy takes none',
    kind: 'ModelRoute',
    spec: route({ strategy: 'Load', sticky: { by: 'User' } }),
    path: 'spec.rules[0]',
    sentence: 'sticky is set and the strategy is not Sticky: set strategy to Sticky, or remove sticky',
  },
  {
    mistake: 'a sticky header without its name',
    kind: 'ModelRoute',
    spec: route({ strategy: 'Sticky', sticky: { by: 'Header' } }),
    path: 'spec.rules[0].sticky',
    sentence: 'by Header needs the name of the header, and the others take none',
  },
  {
    mistake: 'a price that is no decimal',
    kind: 'ModelProvider',
    spec: provider({ models: [{ name: 'm', price: { inputPerMillion: '0,25', outputPerMillion: '1' } }] }),
    path: 'spec.models[0].price.inputPerMillion',
    value: '0,25',
    sentence:
      'not a price: write a decimal with at most six digits before and after the point, for example "0.25", in quotes',
  },
  {
    mistake: 'aliases in a circle',
    kind: 'ModelRoute',
    spec: route(
      {},
      {
        aliases: [
          { name: 'fast', sameAs: 'quick' },
          { name: 'quick', sameAs: 'fast' },
        ],
      },
    ),
    path: 'spec.aliases',
    sentence: 'sameAs must name an alias of this ModelRoute that has backends, so that no alias leads in a circle',
  },
  {
    mistake: 'an alias that is called auto',
    kind: 'ModelRoute',
    spec: route({}, { aliases: [{ name: 'auto', backends: [{ ...backend, model: 'm' }] }] }),
    path: 'spec.aliases[0].name',
    value: 'auto',
    sentence: 'auto is what the rules decide on: give the alias another name',
  },
  {
    mistake: 'an alias whose backend names no model',
    kind: 'ModelRoute',
    spec: route({}, { aliases: [{ name: 'fast', backends: [backend] }] }),
    path: 'spec.aliases[0].backends',
    sentence: 'a backend of an alias needs a model: the provider does not know the name of the alias',
  },
  {
    mistake: 'an alias of nothing',
    kind: 'ModelRoute',
    spec: route({}, { aliases: [{ name: 'fast' }] }),
    path: 'spec.aliases[0]',
    sentence: 'an alias has either backends or sameAs: keep one of them',
  },
  {
    mistake: 'a canary that starts at no moment',
    kind: 'ModelRoute',
    spec: route({ canary: { ...backend, start: '2026-13-01T00:00:00Z', steps: [{ percent: 5 }] } }),
    path: 'spec.rules[0].canary.start',
    value: '2026-13-01T00:00:00Z',
    sentence: 'not a moment: write it in UTC and in quotes, for example "2026-11-23T09:00:00Z"',
  },
  {
    mistake: 'a canary without steps',
    kind: 'ModelRoute',
    spec: route({ canary: { ...backend, start: '2026-11-23T09:00:00Z', steps: [] } }),
    path: 'spec.rules[0].canary.steps',
    sentence: 'a canary needs at least one step: give it a percent',
  },
  {
    mistake: 'no backend that may take calls',
    kind: 'ModelRoute',
    spec: route({ backends: [{ ...backend, weight: 0 }] }),
    path: 'spec.rules[0].backends',
    sentence: 'every backend of this rule has weight 0, so nothing could answer: give one a weight above 0',
  },
  {
    mistake: 'the same provider and model twice in one tier',
    kind: 'ModelRoute',
    spec: route({ backends: [backend, { ...backend, weight: 9 }] }),
    path: 'spec.rules[0].backends',
    sentence: 'the same provider and model appear twice in one tier: keep one and add up the weights',
  },
  {
    mistake: 'a duration in words',
    kind: 'ModelRoute',
    spec: route({ timeouts: { firstToken: '10 seconds' } }),
    path: 'spec.rules[0].timeouts.firstToken',
    value: '10 seconds',
    sentence: 'not a duration: write for example 500ms, 10s or 1h30m, in whole numbers of h, m, s and ms',
  },
  {
    mistake: 'a duration of nothing',
    kind: 'ModelRoute',
    spec: route({ timeouts: { idle: '0s' } }),
    path: 'spec.rules[0].timeouts.idle',
    value: '0s',
    sentence: 'a duration must be longer than 0s and at most 24h',
  },
  {
    mistake: 'a whole call that must be faster than its first token',
    kind: 'ModelRoute',
    spec: route({ timeouts: { total: '30s' } }),
    path: 'spec.rules[0].timeouts',
    sentence: 'total is shorter than firstToken: make total at least as long (firstToken is 60s unless set)',
  },
  {
    mistake: 'a hedge that no attempt is left for',
    kind: 'ModelRoute',
    spec: route({ failover: { attempts: 1, hedgeAfter: '2s' } }),
    path: 'spec.rules[0].failover',
    sentence: 'hedgeAfter asks a second backend, and attempts allows one call: make attempts at least 2',
  },
  {
    mistake: 'a hedge after more than a day',
    kind: 'ModelRoute',
    spec: route({ failover: { hedgeAfter: '25h' } }),
    path: 'spec.rules[0].failover.hedgeAfter',
    value: '25h',
    sentence: 'a duration must be at most 24h; 0s switches this off',
  },
  {
    mistake: 'more attempts than the bound',
    kind: 'ModelRoute',
    spec: route({ failover: { attempts: 99 } }),
    path: 'spec.rules[0].failover.attempts',
    kubectl: 'Invalid value: 99: spec.rules[0].failover.attempts in body should be less than or equal to 16',
  },
  {
    mistake: 'an operator of a selector without its values',
    kind: 'ModelRoute',
    spec: route({}, { podSelector: { matchExpressions: [{ key: 'app', operator: 'In' }] } }),
    path: 'spec.podSelector.matchExpressions[0]',
    sentence: 'operators In and NotIn need values; Exists and DoesNotExist take none',
  },
  {
    mistake: 'a route without rules',
    kind: 'ModelRoute',
    spec: { podSelector: {}, rules: [] },
    path: 'spec.rules',
    sentence: 'a ModelRoute needs at least one rule',
  },
  {
    mistake: 'a provider named like a DNS name with capitals',
    kind: 'ModelRoute',
    spec: route({ backends: [{ providerRef: { name: 'OpenAI' } }] }),
    path: 'spec.rules[0].backends[0].providerRef.name',
    value: 'OpenAI',
    sentence: 'not a name of an object: use a-z, 0-9, "-" and ".", with a letter or digit at both ends',
  },
  {
    mistake: 'a key that would travel without TLS',
    kind: 'ModelProvider',
    spec: provider({ url: 'http://api.example.com/v1', credential }),
    path: 'spec',
    sentence:
      'spec.url would carry the key without TLS: use https://, or a Service by its name that ends in .svc, ' +
      'or remove spec.credential',
  },
  {
    mistake: 'a rule that looks at a key',
    kind: 'ModelRoute',
    spec: route({ match: { headers: [{ name: 'authorization', prefix: 'Bearer ' }] } }),
    path: 'spec.rules[0].match.headers[0].name',
    value: 'authorization',
    sentence: 'this header carries a credential, and a rule must not depend on one',
  },
  {
    mistake: 'a range of lengths without a length in it',
    kind: 'ModelRoute',
    spec: route({ match: { contextTokens: { min: 9000, max: 8000 } } }),
    path: 'spec.rules[0].match.contextTokens',
    sentence: 'min is larger than max, so that no call could match: exchange them',
  },
  {
    mistake: 'bounds of a length without a bound',
    kind: 'ModelRoute',
    spec: route({ match: { contextTokens: {} } }),
    path: 'spec.rules[0].match.contextTokens',
    sentence: 'neither min nor max is set: set one of them, or leave contextTokens out',
  },
  {
    mistake: 'a temperature in words',
    kind: 'ModelRoute',
    spec: route({ parameters: { defaults: { temperature: 'warm' } } }),
    path: 'spec.rules[0].parameters.defaults.temperature',
    value: 'warm',
    sentence: 'not a number: write it in quotes and with a point, for example "0.7"',
  },
  {
    mistake: 'bounds of temperature in the wrong order',
    kind: 'ModelRoute',
    spec: route({ parameters: { clamp: { temperature: { min: '0.5', max: '0.3' } } } }),
    path: 'spec.rules[0].parameters.clamp.temperature',
    sentence: 'min is larger than max: exchange them',
  },
  {
    mistake: 'a language that is none',
    kind: 'ModelRoute',
    spec: route({ parameters: { language: '123' } }),
    path: 'spec.rules[0].parameters.language',
    value: '123',
    sentence: 'not a language: write its name in English or its tag, for example German or zh-CN',
  },
  {
    mistake: 'a header with a value and a prefix',
    kind: 'ModelRoute',
    spec: route({ match: { headers: [{ name: 'x-team', value: 'red', prefix: 're' }] } }),
    path: 'spec.rules[0].match.headers[0]',
    sentence: 'value and prefix are both set: keep one, or neither to ask only that the header is there',
  },
  {
    mistake: 'a time zone on another planet',
    kind: 'ModelRoute',
    spec: route({ match: { schedule: { timeZone: 'Mars/Olympus', from: '09:00' } } }),
    path: 'spec.rules[0].match.schedule.timeZone',
    sentence: ZONE_SENTENCE,
    kubectl: `Invalid value: "string": unknown time zone Mars/Olympus evaluating rule: ${ZONE_SENTENCE}`,
  },
  {
    mistake: 'a time of the day after midnight of the next',
    kind: 'ModelRoute',
    spec: route({ match: { schedule: { timeZone: 'UTC', from: '25:00' } } }),
    path: 'spec.rules[0].match.schedule.from',
    value: '25:00',
    sentence: 'not a time of the day: write 00:00 to 23:59, or 24:00 for the end of the day',
  },
  {
    mistake: 'a window without a minute',
    kind: 'ModelRoute',
    spec: route({ match: { schedule: { timeZone: 'UTC', from: '09:00', to: '09:00' } } }),
    path: 'spec.rules[0].match.schedule',
    sentence: 'an empty window: from and to must differ, from is 23:59 at most, and the end of the day is 24:00',
  },
  {
    mistake: 'a pattern that matches the empty text',
    kind: 'ModelRoute',
    spec: route({ redact: { patterns: [{ name: 'Ticket', pattern: '[0-9]*' }] } }),
    path: 'spec.rules[0].redact.patterns[0].pattern',
    value: '[0-9]*',
    sentence: PATTERN_SENTENCE,
  },
  {
    mistake: 'a pattern that looks around',
    kind: 'ModelRoute',
    spec: route({ redact: { patterns: [{ name: 'Ticket', pattern: '(?<=T-)[0-9]+' }] } }),
    path: 'spec.rules[0].redact.patterns[0].pattern',
    sentence: PATTERN_SENTENCE,
    kubectl:
      'Invalid value: "string": error parsing regexp: invalid named capture: `(?<=T-)[0-9]+` evaluating rule: ' +
      PATTERN_SENTENCE,
  },
  {
    mistake: 'two patterns of one name',
    kind: 'ModelRoute',
    spec: route({
      redact: {
        patterns: [
          { name: 'Ticket', pattern: 'T-[0-9]+' },
          { name: 'Ticket', pattern: 'U-[0-9]+' },
        ],
      },
    }),
    path: 'spec.rules[0].redact.patterns',
    sentence: 'two patterns have the same name: give each its own',
  },
  {
    mistake: 'a detector by something that is no name',
    kind: 'ModelRoute',
    spec: route({ redact: { add: ['e-mail'] } }),
    path: 'spec.rules[0].redact.add[0]',
    value: 'e-mail',
    sentence: 'not a name of a detector: docs/reference/detectors.md lists them',
  },
  {
    mistake: 'a url with a query',
    kind: 'ModelProvider',
    spec: provider({ url: 'https://api.openai.com/v1?key=1' }),
    path: 'spec.url',
    value: 'https://api.openai.com/v1?key=1',
    sentence: 'not a base URL: write https://HOST/PREFIX (or http://), without a query, a fragment or credentials',
  },
  {
    mistake: 'a dialect that nobody speaks',
    kind: 'ModelProvider',
    spec: provider({ dialect: 'Cohere' }),
    path: 'spec.dialect',
    kubectl: 'Unsupported value: "Cohere": supported values: "OpenAI", "Anthropic", "Gemini", "Ollama", "Prompt"',
  },
  {
    mistake: 'a model listed twice',
    kind: 'ModelProvider',
    spec: provider({ models: [{ name: 'gpt-5' }, { name: 'gpt-5' }] }),
    path: 'spec.models',
    sentence: 'a model is listed twice: list each model once',
  },
  {
    mistake: 'a credential without the key of the Secret',
    kind: 'ModelProvider',
    spec: provider({ credential: { secretRef: { name: 'openai' } } }),
    path: 'spec.credential.secretRef.key',
    kubectl: 'Required value',
  },
]
