// Placeholders in running texts: cut anywhere, damaged as models damage them, and never anything that the call did not
// send.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CODE_ALPHABET, CODE_LENGTH } from '../../../../proxy/redact/placeholder/placeholder.ts'
import { Matcher, MAX_SPAN } from '../../../../proxy/redact/restore/matcher.ts'
import { RestoreMap } from '../../../../proxy/redact/restore/restore-map.ts'
import { restoreText, TextRestorer, type Source } from '../../../../proxy/redact/restore/text-restorer.ts'
import { restoringOf, tokenOf } from '../restoring.ts'

const EMAIL = { word: 'EMAIL', value: 'zoë.o"neil@example.com' }
const PERSON = { word: 'PERSON', value: '张伟' }
const PHONE = { word: 'PHONE', value: '13812345678', kind: 'number' as const }
const ALL = [EMAIL, PERSON, PHONE] as const

const restore = (text: string, source: Source = 'plain') => restoreText(text, source, restoringOf(...ALL))

/** The text in pieces, cut before these offsets. */
function inPieces(text: string, cuts: readonly number[], source: Source): string {
  const restorer = new TextRestorer(restoringOf(...ALL), source)
  let out = ''
  let from = 0
  for (const cut of [...cuts, text.length]) {
    out += restorer.push(text.slice(from, cut), false)
    expect(restorer.tail.length).toBeLessThanOrEqual(MAX_SPAN + 8)
    from = cut
  }
  return out + restorer.push('', true)
}

const email = tokenOf(EMAIL)
const code = email.slice(-CODE_LENGTH)

test('a placeholder comes back as its value, whatever stands next to it', () => {
  for (const [before, after] of [
    ['', ''],
    ['tel', 's'],
    ['[', ']'],
    ['"', '"'],
    ['https://a.b/?q=', '&x=1'],
    ['给', '发邮件'],
    ['XREF_', '_XREF'],
    [email, email],
  ] as const) {
    const around = (text: string) => restore(before) + text + restore(after)
    expect(restore(before + email + after)).toBe(around(EMAIL.value))
  }
})

test('a code that happens to hold the frame is a code like any other', () => {
  const map = new RestoreMap()
  const token = 'XREF_EMAIL_19ZKXREFVZ5VM'
  map.add('19ZKXREFVZ5VM', { value: 'a@b.c', kind: 'text', token }, 'EMAIL')
  const restoring = { map, matcher: new Matcher(map), counts: { seen: 0, restored: 0, damaged: 0, unknown: 0 } }
  expect(restoreText(`to ${token}, XREF_${token}`, 'plain', restoring)).toBe('to a@b.c, XREF_a@b.c')
})

describe('damaged placeholders', () => {
  const word = 'EMAIL'
  const damages: readonly (readonly [name: string, damaged: (token: string) => string])[] = [
    ['lower case', (token) => token.toLowerCase()],
    [
      'mixed case',
      (token) => token.replace(/[A-Z]/g, (letter, at: number) => (at % 2 ? letter.toLowerCase() : letter)),
    ],
    ['bold marks inside', (token) => token.replace('_', '_**') + '**'],
    ['bold marks around the code', (token) => token.replace(code, `**${code}**`)],
    ['code marks inside', (token) => token.replace(code, `\`${code}\``)],
    ['escaped underscores', (token) => token.replaceAll('_', '\\_')],
    ['full-width characters', (token) => fullWidth(token)],
    ['non-breaking hyphens', (token) => token.replaceAll('_', '\u2011')],
    ['a space inside of the code', (token) => `${token.slice(0, -6)} ${token.slice(-6)}`],
    ['a space in place of the separators', (token) => token.replaceAll('_', ' ')],
    ['a word in another language', (token) => token.replace(word, 'CORREO')],
    ['a word in another script', (token) => token.replace(word, '电子邮件')],
    ['a plural', (token) => token.replace(word, 'EMAILS')],
    ['no frame', (token) => token.replace('XREF_', '')],
    ['the code alone', () => code],
    ['letters for digits', (token) => token.slice(0, -CODE_LENGTH) + code.replaceAll('0', 'O').replaceAll('1', 'l')],
    ['percent-encoding', (token) => token.replaceAll('_', '%5F')],
    ['a zero-width space', (token) => token.replace('_', '_\u200b')],
  ]

  test.each(damages)('%s', (_, damaged) => {
    const restoring = restoringOf(...ALL)
    expect(restoreText(`say ${damaged(email)}, ok`, 'plain', restoring)).toBe(`say ${EMAIL.value}, ok`)
    expect(restoring.counts).toMatchObject({ seen: 1, restored: 1, unknown: 0 })
  })

  test.each(damages)('%s, in pieces of every size', (_, damaged) => {
    const text = `say ${damaged(email)}, ok ${damaged(email)}!`
    for (let size = 1; size <= text.length; size += 1) {
      const cuts = Array.from({ length: Math.floor(text.length / size) }, (__, index) => (index + 1) * size)
      expect(inPieces(text, cuts, 'plain')).toBe(`say ${EMAIL.value}, ok ${EMAIL.value}!`)
    }
  })

  test('marks and endings around it stay', () => {
    expect(restore(`**${email}** \`${email}\` ${email}'s [${email}] \\[${email}\\] 【${email}】`)).toBe(
      `**${EMAIL.value}** \`${EMAIL.value}\` ${EMAIL.value}'s [${EMAIL.value}] \\[${EMAIL.value}\\] 【${EMAIL.value}】`,
    )
  })

  test('a mark that was closed inside is closed behind the value', () => {
    expect(restore(`**XREF**_EMAIL_${code} said`)).toBe(`**${EMAIL.value}** said`)
  })
})

describe('what the call did not send', () => {
  test('stays as it is and is counted', () => {
    const foreign = `XREF_EMAIL_${'0'.repeat(CODE_LENGTH)}`
    const restoring = restoringOf(...ALL)
    expect(restoreText(`a ${foreign} b`, 'plain', restoring)).toBe(`a ${foreign} b`)
    expect(restoring.counts).toEqual({ seen: 1, restored: 0, damaged: 0, unknown: 1 })
  })

  test('is never restored: one wrong character of the code is another code', () => {
    fc.assert(
      fc.property(fc.nat(CODE_LENGTH - 1), fc.nat(CODE_ALPHABET.length - 1), (at, letter) => {
        const other = code.slice(0, at) + CODE_ALPHABET.charAt(letter) + code.slice(at + 1)
        const text = email.replace(code, other)
        expect(restore(text)).toBe(other === code ? EMAIL.value : text)
      }),
    )
  })

  test('any text without a placeholder passes as it is, in any pieces', () => {
    const words = fc.constantFrom(
      'XREF',
      'xref_',
      'EMAIL_',
      'e',
      'X',
      '_',
      '**',
      '`',
      ' ',
      code.slice(0, 9),
      '%5',
      '\\u00',
      '"',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string())), fc.array(fc.nat(200)), (parts, cuts) => {
        const text = parts.join('')
        fc.pre(restore(text) === text)
        const inside = cuts.filter((cut) => cut < text.length).toSorted((one, other) => one - other)
        expect(inPieces(text, inside, 'plain')).toBe(text)
        expect(inPieces(text, inside, 'arguments')).toBe(text)
      }),
    )
  })
})

describe('the source of a JSON document', () => {
  const given = { mail: EMAIL.value, who: [PERSON.value, `x ${EMAIL.value}`], phone: 13812345678, [PERSON.value]: 1 }
  const masked = JSON.stringify({
    mail: email,
    who: [tokenOf(PERSON), `x ${email}`],
    phone: tokenOf(PHONE),
    [tokenOf(PERSON)]: 1,
  })

  test('stays valid at every two cuts, and numbers are numbers again', () => {
    for (let first = 0; first <= masked.length; first += 1) {
      for (let second = first; second <= masked.length; second += 7) {
        const restored = inPieces(masked, [first, second], 'arguments')
        expect(JSON.parse(restored)).toEqual(given)
      }
    }
  })

  test('a number inside of a longer text stays text, and as a name too', () => {
    const token = tokenOf(PHONE)
    expect(restore(`{"a":"call ${token}","${token}" : "${token}" }`, 'arguments')).toBe(
      `{"a":"call 13812345678","13812345678" : 13812345678 }`,
    )
  })

  test('escapes of JSON inside of a placeholder are read', () => {
    expect(JSON.parse(restore(`{"a":"${email.replaceAll('_', '\\u005f')}"}`, 'arguments'))).toEqual({ a: EMAIL.value })
  })
})

test('hardly anything of ordinary text is held back', () => {
  const prose =
    'The quick brown fox jumps over the lazy dog; xenon, extra, exact. Please reply today, or call us back. '.repeat(40)
  const restorer = new TextRestorer(restoringOf(...ALL), 'plain')
  let held = 0
  const pieces = prose.match(/ ?\S+/g) ?? []
  for (const piece of pieces) {
    restorer.push(piece, false)
    held += restorer.tail === '' ? 0 : 1
  }
  expect(held / pieces.length).toBeLessThan(0.05)
})

function fullWidth(text: string): string {
  return text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
}
