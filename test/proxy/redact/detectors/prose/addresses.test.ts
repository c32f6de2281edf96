// Postal addresses and dates of birth in the eight languages, and numbers that are neither.
// Tables of whole sentences through the scanner with the shipped dictionaries.

import { describe, expect, it } from 'vitest'
import { createScan, textsOf } from './scan.ts'

const scan = createScan()
const addressesIn = (text: string): string[] => textsOf(text, scan(text), 'StreetAddress')
const birthDatesIn = (text: string, label?: string): string[] =>
  textsOf(text, scan(text, label === undefined ? {} : { label }), 'BirthDate')

describe('addresses', () => {
  it.each([
    ['Ship it to 221 Baker Street, London NW1 6XE.', '221 Baker Street, London NW1 6XE'],
    ['P.O. Box 1234, Springfield, IL 62704', 'P.O. Box 1234, Springfield, IL 62704'],
    ['Lieferung an Hauptstraße 12b, 10115 Berlin', 'Hauptstraße 12b, 10115 Berlin'],
    ['J’habite 12 rue de la Paix, 75002 Paris.', '12 rue de la Paix, 75002 Paris'],
    ['Vivo en Calle Mayor 5, 28013 Madrid', 'Calle Mayor 5, 28013 Madrid'],
    ['Abito in Via Garibaldi 22, 20121 Milano', 'Via Garibaldi 22, 20121 Milano'],
    ['Ik woon op Keizersgracht 123, 1015 CJ Amsterdam', 'Keizersgracht 123, 1015 CJ Amsterdam'],
    ['Mieszkam przy ul. Marszałkowska 10/12, 00-590 Warszawa', 'ul. Marszałkowska 10/12, 00-590 Warszawa'],
    ['Meet me at PSC 1437, Box 3833\nAPO AA 66791', 'PSC 1437, Box 3833\nAPO AA 66791'],
    ['Our offices are at USS Lorenzen\nFPO AE 25990', 'USS Lorenzen\nFPO AE 25990'],
    ['送到北京市海淀区中关村大街27号', '北京市海淀区中关村大街27号'],
    [
      '寄到浙江省杭州市西湖区文三路478号华星时代广场A座1203室，谢谢',
      '浙江省杭州市西湖区文三路478号华星时代广场A座1203室',
    ],
    ['外卖送到鼓楼天府大道38号', '鼓楼天府大道38号'],
  ])('finds the address of %j', (text, address) => {
    expect(addressesIn(text)).toEqual([address])
  })

  it('finds a letterhead line by line, so that the block keeps its form', () => {
    expect(addressesIn('Anna Berg\n\n3654 Brixton Street\n Suite 727\n Charleroi\n Belgium 42940')).toEqual([
      '3654',
      'Brixton Street',
      'Suite 727',
      'Charleroi',
      'Belgium',
      '42940',
    ])
  })

  it.each([
    '404 Not Found, 200 OK, 12 items, RFC 9113, Section 4, Chapter 12',
    'On 30 March 2020 we shipped 5 Apples and 3 Pears.',
    'walk 3 steps, loop 401 times',
    '10月5号开会，第3号文件，3号楼',
    '手机号13812345678，身份证号110101199003070000',
  ])('finds none in %j', (text) => {
    expect(addressesIn(text)).toEqual([])
  })
})

describe('dates of birth', () => {
  it.each([
    ['born on 12 March 1984', '12 March 1984'],
    ['Born March 12, 1984', 'March 12, 1984'],
    ['DOB: 03/04/1990', '03/04/1990'],
    ['出生日期：1984年3月12日', '1984年3月12日'],
    ['他1990年1月1日出生', '1990年1月1日'],
    ['geboren am 3. April 1972 in Köln', '3. April 1972'],
    ['née le 12 juin 1980', '12 juin 1980'],
    ['nacido el 5 de mayo de 1991', '5 de mayo de 1991'],
    ['nato il 4 luglio 1966', '4 luglio 1966'],
    ['geboortedatum: 01-02-1970', '01-02-1970'],
    ['urodzona 12.05.1988', '12.05.1988'],
  ])('finds the date of %j', (text, date) => {
    expect(birthDatesIn(text)).toEqual([date])
  })

  it.each(['released 2020-01-02', 'March 12, 1984 was sunny', '生产日期：2024年3月12日', 'meeting on 12 March 2024'])(
    'leaves %j alone',
    (text) => {
      expect(birthDatesIn(text)).toEqual([])
    },
  )

  it('takes the name of the field for the word that is missing', () => {
    expect(birthDatesIn('1984-03-12', 'birthDate')).toEqual(['1984-03-12'])
    expect(birthDatesIn('1984-03-12', 'createdAt')).toEqual([])
  })
})
