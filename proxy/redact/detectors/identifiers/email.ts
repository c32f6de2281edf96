// E-mail addresses, read from their @ outwards: the local part backwards (64 at most), the domain forwards (255).
//
//   "…联系 li.na+work@mail.example.org，…"      Han before the local part and behind the domain are not its own
//
// Not addresses: `npm@5`, `glob@8`, `icon@2x.png`, `git@host:path`, `https://user@host/`.

import { ALPHANUMERIC, FLAGS, HAN, HAN_DIGIT, LETTER, LOCAL_MARK, OTHER_LETTER, flagsAt } from './characters.ts'
import type { Reader } from './reader.ts'
import { addFinding } from './reader.ts'
import type { Units } from '../text/units.ts'

const MAX_LOCAL = 64
const MAX_DOMAIN = 255
const POINT = 0x2e
const HYPHEN = 0x2d
/** What follows a second @ or a point in file names and package versions, and is no top-level domain. */
const FILE_ENDINGS = new Set(
  'png jpg jpeg gif svg webp ico bmp avif js mjs cjs ts tsx jsx vue json css scss less html htm xml yaml yml txt pdf lock map wasm'.split(
    ' ',
  ),
)
/** Han top-level domains in use; any other Han behind a point is text. */
const HAN_ENDINGS =
  '中国 中國 公司 网络 網絡 香港 台湾 台灣 集团 在线 中文网 商城 网店 网址 网站 我爱你 移动 政务 公益 机构 新加坡 手机 信息 企业 广东 佛山 购物 游戏 世界'.split(
    ' ',
  )

/** Reads the address round the @ at `at`; returns where the pass goes on. */
export function readEmail(reader: Reader, at: number): number {
  const { text } = reader
  const start = localStart(text, at, Math.max(reader.done, at - MAX_LOCAL))
  if (start === at) return at + 1
  const end = domainEnd(text, at + 1)
  if (end === -1 || isOtherUse(text, start, end)) return at + 1
  return addFinding(reader, { start, end, type: 'Email', evidence: 'address form' })
}

function localStart(text: Units, at: number, lowest: number): number {
  let start = at
  while (start > lowest && (flagsAt(text, start - 1) & (ALPHANUMERIC | LOCAL_MARK | OTHER_LETTER)) !== 0) start--
  while (start < at && !mayStart(text, start)) start++
  return start
}

function mayStart(text: Units, index: number): boolean {
  return (flagsAt(text, index) & (ALPHANUMERIC | OTHER_LETTER)) !== 0 || (text.codes[index] ?? 0) === 0x5f
}

/** Offset behind the domain; -1 when what follows the @ is none. */
function domainEnd(text: Units, from: number): number {
  const highest = Math.min(text.length, from + MAX_DOMAIN)
  let at = from
  let labels = 0
  let end = -1
  while (at < highest) {
    const stop = labelEnd(text, at, highest)
    if (stop === at) break
    labels++
    if (labels > 1 && isEnding(text, at, stop)) end = beforeChat(text, at, stop)
    if ((text.codes[stop] ?? 0) !== POINT) break
    at = stop + 1
  }
  return end
}

/** A label is letters, digits and hyphens; Han may be one but does not continue an ASCII one. */
function labelEnd(text: Units, from: number, highest: number): number {
  const isHan = (flagsAt(text, from) & (HAN | HAN_DIGIT)) !== 0
  const wanted = isHan ? HAN | HAN_DIGIT : ALPHANUMERIC | OTHER_LETTER
  let stop = from
  while (
    stop < highest &&
    ((flagsAt(text, stop) & wanted) !== 0 || ((text.codes[stop] ?? 0) === HYPHEN && stop > from))
  )
    stop++
  while (stop > from && (text.codes[stop - 1] ?? 0) === HYPHEN) stop--
  if (!isHan) return stop
  const ending = HAN_ENDINGS.find((word) => text.startsWith(word, from))
  return ending === undefined || (text.codes[stop] ?? 0) === POINT ? stop : from + ending.length
}

/** Whether the label [start, stop) can be a top-level domain. */
function isEnding(text: Units, start: number, stop: number): boolean {
  if (stop - start < 2) return false
  if ((flagsAt(text, start) & HAN) !== 0) return HAN_ENDINGS.includes(text.slice(start, stop))
  if (stop - start > 24) return false
  if ((text.codes[start + 2] ?? 0) === HYPHEN) return /^xn--[a-z\d-]+$/i.test(text.slice(start, stop))
  for (let index = start; index < stop; index++) {
    if (((FLAGS[text.codes[index] ?? 0] ?? 0) & (LETTER | OTHER_LETTER)) === 0) return false
  }
  return stop - start > 5 || !FILE_ENDINGS.has(text.slice(start, stop).toLowerCase())
}

const COMMON_ENDINGS = ['com', 'org', 'net', 'cn']
/** Top-level domains that go on like a common one. */
const LONGER_ENDINGS =
  /^(?:community|company|compare|computer|comsec|comcast|commbank|organic|origins|network|netbank|netflix)$/i

/** Of `comhaha` behind `qq.` only `com`: people write on without a space. */
function beforeChat(text: Units, start: number, stop: number): number {
  if (stop - start < 4) return stop
  const label = text.slice(start, stop).toLowerCase()
  const common = COMMON_ENDINGS.find((ending) => label.startsWith(ending))
  return common === undefined || LONGER_ENDINGS.test(label) ? stop : start + common.length
}

const MAX_USERINFO = 80
const SLASH = 0x2f
const ENDS_USERINFO: ReadonlySet<number> = new Set(
  Array.from('/?#"\'<>@\u00a0\u3000\ufeff', (one) => one.charCodeAt(0)),
)

/** `://`, or `://name:` and the like, right before the local part: that is a password, and the credentials' to find. */
function isUserinfo({ codes }: Units, start: number): boolean {
  let at = start
  for (let code = codes[at - 1] ?? 0; start - at < MAX_USERINFO; code = codes[at - 1] ?? 0) {
    if (code <= 0x20 || ENDS_USERINFO.has(code)) break
    at--
  }
  return codes[at - 1] === SLASH && codes[at - 2] === SLASH && codes[at - 3] === 0x3a
}

/** User information of a URL, `git@host:path` of a repository, a method call. */
function isOtherUse(text: Units, start: number, end: number): boolean {
  if (isUserinfo(text, start)) return true
  const next = text.codes[end] ?? 0
  if (next === 0x28) return true
  return next === 0x3a && text.startsWith('git@', start)
}
