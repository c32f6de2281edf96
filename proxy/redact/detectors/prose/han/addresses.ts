// Finds Chinese addresses: from province or district down to the room, and the short form of district, road and number.
//
//   unit character behind a number (号 弄 栋 室 ...) -> back to where the place begins -> on over further units
//
// A number alone (10月5号, 第3号) is no address: a road, a place of the word list or an administrative level stands before.

import { CLASS, hashWord, lookUp, WORD } from './model.ts'
import type { HanModel } from './model.ts'
import type { Units } from '../../text/units.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

const UNITS = '号弄栋幢室座楼层户巷'
/** What may stand between a number and the next: 2号楼3单元, 5号院. */
const UNIT_WORDS: readonly string[] = [
  '号楼',
  '号院',
  '单元',
  '门牌',
  '号',
  '弄',
  '栋',
  '幢',
  '室',
  '座',
  '楼',
  '层',
  '户',
  '房',
  '院',
  '门',
  '铺',
]
const ROADS: readonly string[] = [
  '大道',
  '大街',
  '胡同',
  '公路',
  '街道',
  '小区',
  '花园',
  '大厦',
  '广场',
  '公寓',
  '新村',
  '社区',
  '工业园',
  '开发区',
]
const ROAD_ENDS = '路街道巷弄里村苑园城庄寨桥镇乡屯组队坊'
const LEVEL_ENDS: readonly string[] = '省 市 区 县 州 盟 旗 镇 乡'.split(' ')
const PROVINCES: readonly string[] = (
  '北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 ' +
  '台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门'
).split(' ')
/** Words behind which a place begins. */
const LEADS: readonly string[] =
  '地址 住址 居住地 现住 家住 居住 户籍 籍贯 所在地 位于 坐落 寄到 寄往 寄至 送到 送至 送往 发到 发往 住在 搬到 来到 前往 抵达 在 到 至 往 为 是 住 于 去 从 由 址'.split(
    ' ',
  )
/** A place runs over so many characters at most. */
const LONGEST_PLACE = 40
const LONGEST_NUMBER = 6
const MOST_UNITS = 8

/** `units`: where characters that `isAddressUnit` knows stand, in order. */
export function findHanAddresses(model: HanModel, text: Units, units: readonly number[]): Span[] {
  const found: Span[] = []
  let reach = 0
  for (const unit of units) {
    if (unit < reach) continue
    const number = numberBefore(model, text, unit)
    if (number === unit) continue
    const start = placeStart(model, text, number)
    if (start < reach || start >= number || !isPlace(model, text, { start, end: number })) continue
    reach = behindUnits(model, text, number)
    found.push({ start, end: reach })
  }
  return found
}

export const isAddressUnit = (code: number): boolean => UNITS.includes(String.fromCharCode(code))

const HAN_NUMERALS = '一二三四五六七八九十百零〇'
const isNumeral = (model: HanModel, text: Units, place: number): boolean =>
  ((model.classes[text.codes[place] ?? 0] ?? 0) & CLASS.digit) !== 0 ||
  (place >= 0 && place < text.length && HAN_NUMERALS.includes(text.charAt(place)))
const isLatin = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)

/** Where the number before a place begins: `12`, `12-3`, `B3`, `十二`; the place itself where none stands. */
function numberBefore(model: HanModel, text: Units, place: number): number {
  let start = place
  while (
    place - start < LONGEST_NUMBER &&
    (isNumeral(model, text, start - 1) || (start < place && (text.codes[start - 1] ?? 0) === 0x2d))
  )
    start--
  if (start > 0 && start === place && isLatin(text.codes[start - 1] ?? 0)) start--
  else if (start < place && isLatin(text.codes[start - 1] ?? 0) && !isLatin(text.codes[start - 2] ?? 0)) start--
  return start
}

/** Where the place before a number begins. */
function placeStart(model: HanModel, text: Units, number: number): number {
  let floor = number
  while (floor > 0 && number - floor < LONGEST_PLACE && isPlacePart(model, text, floor - 1)) floor--
  return afterLead(model, text, { start: floor, end: number })
}

const isPlacePart = (model: HanModel, text: Units, place: number): boolean => {
  const bits = model.classes[text.codes[place] ?? 0] ?? 0
  return (bits & (CLASS.han | CLASS.digit)) !== 0
}

/** Behind the last lead word, unless a province names the start; a place of the list may begin right there too. */
function afterLead(model: HanModel, text: Units, { start, end }: Span): number {
  const province = firstProvince(text, start, end)
  if (province >= 0) return province
  let from = Math.max(start, behindLeads(model, text, { start, end }))
  while (from < end && ((model.classes[text.codes[from] ?? 0] ?? 0) & CLASS.digit) !== 0) from++
  return from
}

/** Behind the lead that ends last; of each lead its last place counts. -1 where none stands. */
function behindLeads(model: HanModel, text: Units, { start, end }: Span): number {
  let from = -1
  const seen: string[] = []
  for (let at = end - 1; at >= start; at--) {
    for (const lead of LEADS_BY_FIRST.get(text.codes[at] ?? 0) ?? NO_WORDS) {
      const behind = at + lead.length
      if (behind > end || seen.includes(lead) || !text.startsWith(lead, at)) continue
      seen.push(lead)
      if (behind > from && behind < end && !isInsideWord(model, text, at, lead.length)) from = behind
    }
  }
  return from
}

const NO_WORDS: readonly string[] = []
const LEADS_BY_FIRST = byFirst(LEADS)
const PROVINCES_BY_FIRST = byFirst(PROVINCES)

function byFirst(words: readonly string[]): ReadonlyMap<number, readonly string[]> {
  return Map.groupBy(words, (word) => word.charCodeAt(0))
}

/** A single lead character that is part of a place's name: 在 is one of none, 到 and 为 of few. */
function isInsideWord(model: HanModel, text: Units, at: number, length: number): boolean {
  if (length > 1) return false
  return (
    isPlaceWord(model, text, { start: at, end: at + 2 }) || isPlaceWord(model, text, { start: at - 1, end: at + 1 })
  )
}

const isPlaceWord = (model: HanModel, text: Units, { start, end }: Span): boolean =>
  start >= 0 && lookUp(model.words, hashWord(text, start, end)) === WORD.place

function firstProvince(text: Units, start: number, end: number): number {
  for (let at = start; at < end - 1; at++) {
    for (const province of PROVINCES_BY_FIRST.get(text.codes[at] ?? 0) ?? NO_WORDS) {
      if (at + province.length <= end && text.startsWith(province, at)) return at
    }
  }
  return -1
}

/** Two characters of a place at least, with a road's ending, a level or a known place among them. */
function isPlace(model: HanModel, text: Units, { start, end }: Span): boolean {
  if (end - start < 2) return false
  const last = text.charAt(end - 1)
  const area = text.slice(start, end)
  if (last === '月' || last === '第' || last === '年') return false
  const isRoad = ROAD_ENDS.includes(last) || ROADS.some((road) => area.endsWith(road))
  const isKnown = hasPlaceWord(model, text, { start, end })
  const hasLevel = LEVEL_ENDS.some((level) => area.indexOf(level) > 0)
  if (isRoad) return end - start >= 3 || isKnown
  return (isKnown && end - start >= 4) || (hasLevel && end - start >= 5)
}

function hasPlaceWord(model: HanModel, text: Units, { start, end }: Span): boolean {
  for (let length = 2; length <= 4; length++) {
    if (start + length <= end && isPlaceWord(model, text, { start, end: start + length })) return true
  }
  return false
}

/** Over the number with its unit and all that go on: 号 2栋 3单元 501室. */
function behindUnits(model: HanModel, text: Units, number: number): number {
  let end = number
  for (let count = 0; count < MOST_UNITS; count++) {
    const next = behindUnit(model, text, end)
    if (next === end) break
    end = next
  }
  return end
}

function behindUnit(model: HanModel, text: Units, start: number): number {
  let place = start
  if (isLatin(text.codes[place] ?? 0)) place++
  while (
    place - start < LONGEST_NUMBER + 1 &&
    (isNumeral(model, text, place) || (place > start && (text.codes[place] ?? 0) === 0x2d))
  )
    place++
  if (isLatin(text.codes[place] ?? 0) && place > start && !isLatin(text.codes[place + 1] ?? 0)) place++
  if (place === start) return behindBuilding(model, text, start)
  for (const unit of UNIT_WORDS) if (text.startsWith(unit, place)) return place + unit.length
  return start
}

/** A named building between two numbers: 28号阳光花园3栋. */
function behindBuilding(model: HanModel, text: Units, start: number): number {
  for (let end = start + 3; end <= start + 10; end++) {
    if (((model.classes[text.codes[end - 1] ?? 0] ?? 0) & CLASS.han) === 0) return start
    if (ROADS.some((road) => text.endsWith(road, end)) && behindUnit(model, text, end) > end) return end
  }
  return start
}
