// Reads what stands in front of a value: `X_TOKEN=`, `"api_key": "`, `token is '`, `<apiKey>`, `token：`,
// `Authorization: Bearer `, `- name: DB_PASSWORD\n  value: `.
//
//   value's start -> back over quotes, separators, filler words -> the label's last word -> Label | null
//
// At most MAX_BACK characters are read. It does not judge the value.

import type { Units } from '../text/units.ts'

/** How a label and its value are joined: by a sign of assignment, by a call or an element, or by a space alone. */
export type Join = 'assigned' | 'nested' | 'spoken'

export interface Label {
  /** The identifier, lower-case, without separators and trailing digits: `stripesecretkey`. */
  readonly word: string
  /** As it is written, with the word before it where that is part of the label. */
  readonly written: string
  readonly strength: Strength
  readonly join: Join
  readonly isQuoted: boolean
}

const MAX_BACK = 96
const MAX_HOPS = 3
const MAX_WORD = 64

/** What a character says between a label and its value; a character without an entry ends the gap. */
const SIGN = 1
const OPENER = 2
const QUOTE = 3
const BLANK = 4
const LINE_END = 5
/** Passed only beside a quote or a sign. */
const PASSED = 6
const WORD = 7
/** `[` and the like, behind which a line may end and the value begin on the next. */
const LINE_JOINS = new Set('>|=([\\:-')

const SORTS: Uint8Array = makeSorts()

function makeSorts(): Uint8Array {
  const sorts = new Uint8Array(65536)
  const put = (characters: string, sort: number) => {
    for (const character of characters) sorts[character.charCodeAt(0)] = sort
  }
  for (let code = 0; code < 128; code++) if (/[A-Za-z0-9_.-]/.test(String.fromCharCode(code))) sorts[code] = WORD
  put(':=：＝是为為', SIGN)
  put('>([{|', OPENER)
  put('"\'`“”‘’「」『』', QUOTE)
  put(' \t　\u00a0', BLANK)
  put('\r\n', LINE_END)
  put('\\?),]', PASSED)
  return sorts
}

const FILLERS = new Set(
  'is was are be to as of the this my our your value val bearer basic digest negotiate flyv1 string str default with here now using apikey=bearer ist lautet est vale wynosi'.split(
    ' ',
  ),
)

/** What labels of one text have been found to be, as they are written: most stand in it many times. */
export type KnownWords = Map<string, KnownWord>

export interface KnownWord {
  readonly word: string
  readonly strength: Strength
}

/** Words that are remembered for one text. */
const MAX_KNOWN = 512

/** The label of the value that starts at `start`, or null when there is none in reach. */
export function readLabel(text: Units, start: number, known: KnownWords): Label | null {
  const floor = Math.max(0, start - MAX_BACK)
  let at = start - 1
  let gap = noGap()
  for (let hop = 0; hop <= MAX_HOPS; hop++) {
    at = skipGap({ text, at, floor, gap })
    if (at < floor) return null
    const end = at + 1
    while (at >= floor && end - at <= MAX_WORD && SORTS[text.codes[at] ?? 0] === WORD) at--
    const raw = text.slice(at + 1, end)
    if (raw === '') return wideLabel({ text, at, gap })
    if (text.charAt(at) === '/') return null
    const word = raw.toLowerCase()
    if (!FILLERS.has(word.replace(/^-+/, ''))) return labelOf({ raw, start: at + 1, gap, text, known })
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
  readonly text: Units
  readonly at: number
  readonly floor: number
  readonly gap: Gap
}

/** Back over all that may stand between a label and its value; -1 when something else stands there. */
function skipGap({ text, at: from, floor, gap }: Skip): number {
  for (let at = from; at >= floor; at--) {
    const sort = SORTS[text.codes[at] ?? 0] ?? 0
    if (sort === WORD || sort === 0) return at
    if (sort === SIGN) gap.sign = true
    else if (sort === QUOTE) gap.quote = true
    else if (sort === OPENER) gap.opener = true
    else if (sort === BLANK) gap.blank = true
    else if (sort === LINE_END ? !gap.mayBreakLine && !breaksLine(text, at) : !isPassed(text.charAt(at), gap)) return -1
  }
  return -1
}

function isPassed(character: string, gap: Gap): boolean {
  if (character === '\\' || character === '?' || character === ')') return gap.sign || gap.quote || character === '\\'
  if (character === ',') return gap.quote
  return character === ']' && gap.sign
}

function breaksLine(text: Units, lineEnd: number): boolean {
  let at = lineEnd - 1
  while (at >= 0 && lineEnd - at < 8 && /[\s]/.test(text.charAt(at))) at--
  return LINE_JOINS.has(text.charAt(at))
}

interface Read {
  readonly raw: string
  readonly start: number
  readonly gap: Gap
  readonly text: Units
  readonly known: KnownWords
}

function labelOf({ raw, start, gap, text, known }: Read): Label {
  const join = gap.sign ? 'assigned' : gap.opener || gap.quote ? 'nested' : 'spoken'
  const isFlag = raw.startsWith('-') && join !== 'assigned'
  const isShort = raw.length <= 3
  const written = isShort ? `${wordBefore(text, start)} ${raw}` : raw
  const { word, strength } = knownWord(written, known)
  return { word, written, strength, join: isFlag ? 'assigned' : join, isQuoted: gap.quote }
}

function knownWord(written: string, known: KnownWords): KnownWord {
  const old = known.get(written)
  if (old !== undefined) return old
  const word = written.toLowerCase().replace(/[ _.-]|\d+$/g, '')
  const made = { word, strength: strengthOf(word) }
  if (known.size < MAX_KNOWN) known.set(written, made)
  return made
}

const WIDE_LABEL = /(?:密钥|秘钥|密匙|令牌|口令|密码|私钥|凭证|凭据|访问码|授权码|密鑰|憑證|トークン|キー|토큰|비밀키)$/

/** 密钥：, 令牌 and their sisters. The word is one that strengthOf knows. */
function wideLabel({ text, at, gap }: Pick<Skip, 'text' | 'at' | 'gap'>): Label | null {
  const written = text.slice(Math.max(0, at - 5), at + 1)
  if (!WIDE_LABEL.test(written)) return null
  const join = gap.sign ? 'assigned' : 'spoken'
  return { word: 'secret', written, strength: 'strong', join, isQuoted: gap.quote }
}

/** `api` of `api key`, for labels of two words. */
function wordBefore(text: Units, start: number): string {
  const before = /([A-Za-z]{2,12})[ \-_]$/.exec(text.slice(Math.max(0, start - 14), start))
  return before?.[1] ?? ''
}

/** Whatever ends so announces a secret. */
const STRONG_ENDS = [
  'secret',
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'credential',
  'credentials',
  'authorization',
  'bearer',
  'jwt',
  'accessid',
  'secretid',
  'apiid',
]
/** Keys of these are secrets by name; other keys are weak. */
const STRONG_KEY = endingIn(
  'api access secret auth account shared license licence signing encryption master private service client app subscription deploy session consumer webhook',
  'key',
)
const WEAK_END = /[a-z]{2}(?:key|login|auth|pass)$/
const NO_SECRET_TOKEN = endingIn(
  'public page next prev previous continuation pagination sync cursor cancel cancellation csrf xsrf authenticity antiforgery requestverification eos bos pad unk stop max total prompt completion input output num count special mask sep cls begin syntax design css lexer parser word device push registration',
  'token',
)
const NO_SECRET_KEY = endingIn(
  'public pub publishable primary foreign partition sort cache object hot shortcut registry row column index idempotency dedup dedupe group press map storage query react list item lookup unique composite translation message i18n locale field property config setting settings feature flag metric label tag dict hash path routing event bucket node tree data type enum obj json mon don tur hoc joc whis host ssh hmac min max sub any for by the of in',
  'key',
)

/** The last three letters of all that can follow; any other word is told off by one look-up. */
const LAST_LETTERS = new Set(
  'ken ret key ord swd pwd ase ial als ion rer sid tid pid eid nid jwt gin uth ass'.split(' '),
)

function endingIn(words: string, last: string): RegExp {
  return new RegExp(`(?:${words.replaceAll(' ', '|')})${last}$`)
}

export type Strength = 'strong' | 'weak' | 'none'

/** Whether the label alone says that a secret follows, or only that a key of something does. */
export function strengthOf(word: string): Strength {
  if (!LAST_LETTERS.has(word.slice(-3))) return 'none'
  if (word.endsWith('token')) return NO_SECRET_TOKEN.test(word) ? 'none' : 'strong'
  if (word.endsWith('key')) return NO_SECRET_KEY.test(word) ? 'none' : strengthOfKey(word)
  if (STRONG_ENDS.some((end) => word.endsWith(end))) return 'strong'
  return WEAK_END.test(word) ? 'weak' : 'none'
}

function strengthOfKey(word: string): Strength {
  if (STRONG_KEY.test(word)) return 'strong'
  return WEAK_END.test(word) ? 'weak' : 'none'
}
