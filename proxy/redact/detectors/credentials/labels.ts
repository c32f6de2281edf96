// Reads what stands in front of a value: `X_TOKEN=`, `"api_key": "`, `token is '`, `<apiKey>`, `Authorization: Bearer `,
// `- name: DB_PASSWORD\n  value: `, `token：`.
//
//   value's start -> back over quotes, separators, filler words -> the label's last word -> Label | null
//
// At most MAX_BACK characters are read. It does not judge the value.

/** How a label and its value are joined: by a sign of assignment, by a call or an element, or by a space alone. */
export type Join = 'assigned' | 'nested' | 'spoken'

export interface Label {
  /** The identifier, lower-case, without separators and trailing digits: `stripesecretkey`. */
  readonly word: string
  /** As it is written, with the word before it where that is part of the label. */
  readonly written: string
  /** Where the identifier starts. */
  readonly start: number
  readonly join: Join
  readonly isQuoted: boolean
}

const MAX_BACK = 96
const MAX_HOPS = 3
const MAX_WORD = 64

const SIGNS = new Set(':=：＝')
const OPENERS = new Set('>([{|')
const QUOTES = new Set('"\'`“”‘’「」『』')
const BLANKS = new Set([' ', '\t', '　', ' '])
/** Behind one of these a line may end and the value begin on the next. */
const LINE_JOINS = new Set('>|=([\\:-')
const HAN_SIGNS = new Set('是为為')
const WORD = /[A-Za-z0-9_.-]/
const FILLERS = new Set(
  'is was are be to as of the this my our your value val bearer basic digest negotiate flyv1 string str default with here now using apikey=bearer ist lautet est vale wynosi'.split(
    ' ',
  ),
)

/** The label of the value that starts at `start`, or null when there is none in reach. */
export function readLabel(text: string, start: number): Label | null {
  const floor = Math.max(0, start - MAX_BACK)
  let at = start - 1
  let gap = noGap()
  for (let hop = 0; hop <= MAX_HOPS; hop++) {
    at = skipGap({ text, at, floor, gap })
    if (at < floor) return null
    const end = at + 1
    while (at >= floor && end - at <= MAX_WORD && WORD.test(text.charAt(at))) at--
    const raw = text.slice(at + 1, end)
    if (raw === '' || text.charAt(at) === '/') return null
    const word = raw.toLowerCase()
    if (!FILLERS.has(word.replace(/^-+/, ''))) return labelOf({ raw, start: at + 1, gap, text })
    if (word === 'value') gap.mayBreakLine = true
    else gap.words++
  }
  return null
}

interface Gap {
  sign: boolean
  opener: boolean
  quote: boolean
  blank: boolean
  words: number
  mayBreakLine: boolean
}

function noGap(): Gap {
  return { sign: false, opener: false, quote: false, blank: false, words: 0, mayBreakLine: false }
}

interface Skip {
  readonly text: string
  readonly at: number
  readonly floor: number
  readonly gap: Gap
}

/** Back over all that may stand between a label and its value; -1 when something else stands there. */
function skipGap({ text, at: from, floor, gap }: Skip): number {
  let at = from
  while (at >= floor) {
    const character = text.charAt(at)
    if (SIGNS.has(character) || HAN_SIGNS.has(character)) gap.sign = true
    else if (QUOTES.has(character)) gap.quote = true
    else if (OPENERS.has(character)) gap.opener = true
    else if (BLANKS.has(character)) gap.blank = true
    else if (character === '\n' || character === '\r') {
      if (!gap.mayBreakLine && !breaksLine(text, at)) return -1
    } else if (!isPassed(character, gap)) return at
    at--
  }
  return -1
}

function isPassed(character: string, gap: Gap): boolean {
  if (character === '\\' || character === '?' || character === ')') return gap.sign || gap.quote || character === '\\'
  if (character === ',') return gap.quote
  return character === ']' && gap.sign
}

function breaksLine(text: string, lineEnd: number): boolean {
  let at = lineEnd - 1
  while (at >= 0 && lineEnd - at < 8 && /[\s]/.test(text.charAt(at))) at--
  return LINE_JOINS.has(text.charAt(at))
}

interface Read {
  readonly raw: string
  readonly start: number
  readonly gap: Gap
  readonly text: string
}

function labelOf({ raw, start, gap, text }: Read): Label {
  const join = gap.sign ? 'assigned' : gap.opener || gap.quote ? 'nested' : 'spoken'
  const isFlag = raw.startsWith('-') && join !== 'assigned'
  const own = raw.toLowerCase().replace(/[_.-]|\d+$/g, '')
  const before = own.length <= 6 ? wordBefore(text, start) : ''
  return {
    word: before.toLowerCase() + own,
    written: `${before} ${raw}`,
    start,
    join: isFlag ? 'assigned' : join,
    isQuoted: gap.quote,
  }
}

/** `api` of `api key`, for labels of two words. */
function wordBefore(text: string, start: number): string {
  const before = /([A-Za-z]{2,12})[ \-_]$/.exec(text.slice(Math.max(0, start - 14), start))
  return before?.[1] ?? ''
}

const STRONG =
  /(?:token|secret|apikey|apisecret|accesskey|accesskeyid|secretkey|authkey|accountkey|sharedkey|sharedaccesskey|licensekey|licencekey|signingkey|encryptionkey|masterkey|privatekey|servicekey|clientkey|appkey|subscriptionkey|deploykey|sessionkey|consumerkey|clientsecret|password|passwd|pwd|passphrase|credentials?|authorization|bearer|accessid|secretid|webhookkey|apiid|sessionid|jwt|apitoken)$/
const KEY_OF_SOMETHING = /[a-z]{2,}(?:key|login|auth|pass|pw)$/
const NO_SECRET_TOKEN =
  /(?:public|page|next|prev|previous|continuation|pagination|sync|cursor|cancel|cancellation|csrf|xsrf|authenticity|antiforgery|requestverification|eos|bos|pad|unk|stop|max|total|prompt|completion|input|output|num|count|special|mask|sep|cls|begin|syntax|design|css|lexer|parser|word|device|push|registration)token$/
const NO_SECRET_KEY =
  /(?:public|publishable|primary|foreign|partition|sort|cache|object|hot|shortcut|registry|row|column|index|idempotency|dedupe?|group|press|map|storage|query|react|list|item|lookup|unique|composite|translation|message|i18n|locale|field|property|config|settings?|feature|flag|metric|label|tag|dict|hash|path|routing|event|bucket|node|tree|data|type|enum|obj|json|mon|don|tur|hoc|joc|whis|host|ssh|hmac|min|max|sub|any|for|by|the|of|in)key$/

/** Whether the label alone says that a secret follows, or only that a key of something does. */
export function strengthOf(word: string): 'strong' | 'weak' | 'none' {
  if (NO_SECRET_TOKEN.test(word) || NO_SECRET_KEY.test(word)) return 'none'
  if (STRONG.test(word)) return 'strong'
  return KEY_OF_SOMETHING.test(word) ? 'weak' : 'none'
}
