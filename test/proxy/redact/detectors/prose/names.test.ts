// Names of people in the eight languages, and what looks like one and is none.
// Tables of whole sentences through the scanner with the shipped dictionaries.

import { describe, expect, it } from 'vitest'
import { createScan, textsOf } from './scan.ts'

const scan = createScan()
const namesIn = (text: string): string[] => textsOf(text, scan(text), 'PersonName')

describe('names in text of the Latin script', () => {
  it.each([
    ['Please send the contract to Maria Schneider.', ['Maria Schneider']],
    ['My name is Rubija', ['Rubija']],
    ['Dear Mr. Wells, thank you for the call.', ['Wells']],
    ['said Felix to Linda', ['Felix', 'Linda']],
    ['Ludwig van Beethoven met Sinéad O’Connor.', ['Ludwig van Beethoven', 'Sinéad O’Connor']],
    ['A report by Hanne I. Kreutzmann', ['Hanne I. Kreutzmann']],
    ['Herr Thomas Müller wohnt in Berlin', ['Thomas Müller']],
    ['Madame Claire Dubois a dit bonjour', ['Claire Dubois']],
    ['El señor Juan Pérez vive en Madrid', ['Juan Pérez']],
    ['Il signor Marco Rossi ha detto di sì', ['Marco Rossi']],
    ['Meneer Jan de Vries woont in Utrecht', ['Jan de Vries']],
    ['Pan Andrzej Kowalski mieszka w Krakowie', ['Andrzej Kowalski']],
    ['follow up with benjamin a seiler in a couple of months.', ['benjamin a seiler']],
  ])('finds the names of %j', (text, names) => {
    expect(namesIn(text)).toEqual(names)
  })

  it('takes a lone family name for a name where the text gives it in full elsewhere', () => {
    expect(namesIn('It may be that Kaczmarek came. It was sung by Bonifacy Kaczmarek.')).toEqual([
      'Kaczmarek',
      'Bonifacy Kaczmarek',
    ])
  })

  it('takes a firm of three family names for a firm', () => {
    expect(namesIn('Owens, Duran and Oneal won the case.')).toEqual([])
  })

  it.each([
    ['Unfortunately it rained. However, nobody minded. Maybe tomorrow.'],
    ['We keep backups in S3 and run EKS on C4 nodes.'],
    ['The Node Package Manager and React Router are tools. Grafana Loki stores logs.'],
    ['On Monday and in April the United Kingdom and South Africa meet.'],
    ['const user = new Map(); export class Buffer extends Uint8Array {}'],
    ['CAN I SPEAK TO A REAL PERSON?!'],
    ['Version 2.4.1 of Google Chrome, Apple Safari and Microsoft Edge'],
  ])('finds no name in %j', (text) => {
    expect(namesIn(text)).toEqual([])
  })
})

describe('names in Chinese text', () => {
  it.each([
    ['联系人：王建国，手机13812345678', ['王建国']],
    ['请核对苏艳银行卡的预留号码', ['苏艳']],
    ['欧阳修文先生是本届艺术节的总策划。', ['欧阳修文']],
    ['据新华社记者刘东升报道', ['刘东升']],
    ['业主李女士说，物业费从来没有降过。', ['李女士']],
    ['犯罪嫌疑人张某某对犯罪事实供认不讳。', ['张某某']],
    ['好莱坞影星安妮·海瑟利将出演女主角。', ['安妮·海瑟利']],
    ['陈思远执导，刘一诺、周启明领衔主演', ['陈思远', '刘一诺', '周启明']],
  ])('finds the names of %j', (text, names) => {
    expect(namesIn(text)).toEqual(names)
  })

  it.each([
    '高兴之余，他还不忘提醒大家注意安全。',
    '这家王国般的主题公园占地三百亩。',
    '马上就要到年底了，不少楼盘开始打折促销。',
    '张开双臂迎接新年的，还有各地的游客。',
    '温度持续走低，全市供暖将提前。',
    '任何人不得擅自更改考试时间。',
    '于是，越来越多的白领开始选择拼车上班。',
    '江苏省消费者协会发布了投诉分析报告。',
    '车主们纷纷表示，停车费涨得太快了。',
  ])('finds no name in %j', (text) => {
    expect(namesIn(text)).toEqual([])
  })
})
