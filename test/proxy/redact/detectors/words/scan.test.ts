// Company words: what counts as the same word, where one may stand, and the bounds.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Detection } from '../../../../../proxy/redact/detectors/detection.ts'
import { foldUnit } from '../../../../../proxy/redact/detectors/words/fold.ts'
import { unitsOf } from '../../../../../proxy/redact/detectors/text/units.ts'
import { checkWords, createWordScanner } from '../../../../../proxy/redact/detectors/words/scan.ts'
import {
  MAX_WORDS,
  MAX_WORD_CHARACTERS,
  MAX_WORD_LENGTH,
  buildAutomaton,
} from '../../../../../proxy/redact/detectors/words/trie.ts'

const scope = { isEnabled: () => true, label: null }

function find(words: readonly string[], text: string): string[] {
  const found: Detection[] = []
  createWordScanner(words)(unitsOf(text), found, scope)
  return found.map(({ start, end }) => text.slice(start, end))
}

const CASES: readonly (readonly [what: string, words: readonly string[], text: string, found: readonly string[]])[] = [
  ['a word as it is written', ['Falcon'], 'project Falcon starts', ['Falcon']],
  ['a word in another case', ['Falcon'], 'FALCON, falcon', ['FALCON', 'falcon']],
  ['a word in full-width letters', ['Falcon7'], '项目ＦａＬｃＯｎ７启动', ['ＦａＬｃＯｎ７']],
  [
    'a word with accents, composed and decomposed',
    ['Müller'],
    `Müller, MÜLLER, ${'Müller'.normalize('NFD')}`,
    ['Müller', 'MÜLLER', 'Müller'.normalize('NFD')],
  ],
  ['a word between signs', ['acme'], 'acme_config, (acme)', ['acme', 'acme']],
  ['no word inside another', ['ann', 'art'], 'Joanna started; artist', []],
  ['no word beside digits', ['acme'], 'acme2 2acme', []],
  ['a Han word anywhere', ['张江'], '在张江高科', ['张江']],
  ['a Latin word between Han', ['acme'], '我在acme工作', ['acme']],
  ['a word that begins with a letter and ends in Han', ['A计划'], '这个A计划很好，BA计划不是', ['A计划']],
  ['the Han rest of a word whose letter does not fit', ['b张三', '张三'], 'ab张三', ['张三']],
  [
    'a word of two words over any single space',
    ['blue sky'],
    'blue sky, blue\nsky, blue　sky, blue  sky',
    ['blue sky', 'blue\nsky', 'blue　sky'],
  ],
  [
    'the longest of words that begin alike',
    ['blue', 'blue sky', 'blue sky ltd'],
    'blue sky ltd and blue sky and blue',
    ['blue sky ltd', 'blue sky', 'blue'],
  ],
  ['the longer of a word and its end', ['公司', '蓝天公司'], '蓝天公司', ['蓝天公司']],
  [
    'words that overlap, the longer one whole',
    ['blue sky', 'sky limited corp'],
    'blue sky limited corp',
    ['blue ', 'sky limited corp'],
  ],
  ['a word that overlaps itself, one after the other', ['哈哈'], '哈哈哈哈哈', ['哈哈', '哈哈', '哈']],
  ['a word after the false start of another', ['蓝天白云', '天白'], '蓝天白日', ['天白']],
  ['a word said twice in the list once', ['acme', 'ACME', ' acme '], 'acme', ['acme']],
  ['nothing for blank words', ['', '  '], 'a  b', []],
  [
    'words of other scripts by their own neighbours',
    ['Иван', 'さくら'],
    'Иван Иванов はさくらです',
    ['Иван', 'さくら'],
  ],
]

describe('company words', () => {
  test.each(CASES)('find %s', (_, words, text, found) => {
    expect(find(words, text)).toEqual(found)
  })

  test('find what comparing at every place finds, for random words and texts', () => {
    const unit = fc.constantFrom('a', 'b', 'B', 'ｂ', '张', '三', ' ', '-')
    const word = fc
      .array(unit, { minLength: 1, maxLength: 4 })
      .map((units) => units.join(''))
      .filter((one) => one.trim() === one && one !== '')
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.array(unit, { maxLength: 30 }), (words, units) => {
        const text = units.join('')
        const covered = new Set(plainly(words, text))
        const found: Detection[] = []
        createWordScanner(words)(unitsOf(text), found, scope)
        const places = found.flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, offset) => start + offset),
        )
        expect(new Set(places)).toEqual(covered)
      }),
      { numRuns: 1500 },
    )
  })

  test('have bounds, and say which one is exceeded', () => {
    expect(checkWords(Array.from({ length: MAX_WORDS }, (_, index) => `w${index}`))).toEqual({ kind: 'ok' })
    expect(checkWords(Array.from({ length: MAX_WORDS + 1 }, () => 'w'))).toMatchObject({ kind: 'refused' })
    expect(checkWords(['x'.repeat(MAX_WORD_LENGTH)])).toEqual({ kind: 'ok' })
    expect(checkWords(['a', 'x'.repeat(MAX_WORD_LENGTH + 1)])).toEqual({
      kind: 'refused',
      reason: 'word 2 is longer than 256 characters',
    })
    const wide = Array.from({ length: MAX_WORD_CHARACTERS / 256 + 1 }, (_, index) => `${index}`.padEnd(256, 'x'))
    expect(checkWords(wide)).toMatchObject({ kind: 'refused' })
    expect(() => createWordScanner(wide)).toThrow(RangeError)
  })

  test('take no more than 100 bytes a character', () => {
    const words = Array.from({ length: 10_000 }, (_, index) => `customer ${index * 7919}`)
    const { fail, output, wordLength, classOf, nodes } = buildAutomaton(words)
    const bytes = fail.byteLength + output.byteLength + wordLength.byteLength + classOf.byteLength
    expect(bytes / nodes).toBeLessThan(100)
    expect(nodes).toBeLessThan(words.join('').length)
  })
})

/** Every place that some word covers, by comparing all words at all places: the longest that ends at each place. */
function plainly(words: readonly string[], text: string): number[] {
  const folded = foldAll(text)
  const covered: number[] = []
  for (let start = 0; start < text.length; start++) {
    for (const word of words) {
      const end = start + word.length
      const isHere = folded.startsWith(foldAll(word), start) && !joins(text, start) && !joins(text, end)
      if (isHere) covered.push(...Array.from({ length: end - start }, (_, offset) => start + offset))
    }
  }
  return covered
}

function foldAll(text: string): string {
  return Array.from({ length: text.length }, (_, at) => foldUnit(text.charAt(at))).join('')
}

function joins(text: string, place: number): boolean {
  return /[aAbBｂ]/.test(text.charAt(place - 1)) && /[aAbBｂ]/.test(text.charAt(place))
}
