// What looks like an identifier and is none: the classes that other detectors are known to fall for, by name.

import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { namesIn } from './finding.ts'

const LOOK_ALIKES: readonly (readonly [string, string])[] = [
  ['a version', 'upgrade to v20.12.61-rc.3 or 1.2.3.4 of the tool'],
  ['a model number', 'the GPT-4o-2024-08-06 and RTX 4090 models, iPhone 15'],
  ['epoch milliseconds', 'ts=1793753283123 done'],
  ['epoch nanoseconds', '"time_unix_nano": 1793753283123456789,'],
  ['an order number', '订单号 202311221234567890 已发货'],
  ['an order number with a right check digit', 'order number 4012888888881881 has shipped'],
  ['a parcel number', 'tracking number 9400111899223197428490'],
  ['a trace number', 'trace id 11010519491231002 of the request'],
  ['a Chinese identity number with a wrong check digit', '流水号 110105194912310021'],
  ['a card with a wrong check digit', '编号 6212345678901233'],
  ['a UUID', 'request id 12345678-1234-4234-8234-123456789012'],
  ['a git SHA', 'commit 38693d3912345678901234567890123456789abc'],
  ['an integrity hash', '"integrity": "sha512-Zm9vYmFyMTIzNDU2Nzg5MDEyMzQ1Njc4OTA="'],
  ['Base64 of an image', 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNg'],
  ['a float of a log', 'loss=0.637922213812345678 lr=3e-5'],
  ['an ISBN', 'ISBN 978-0-306-40615-7'],
  ['a date', '2019-06-05T03:33:00.123Z and 05/06/2019 and 2019年6月5日'],
  ['ports', 'listening on :8080, :443 and 0-65535'],
  ['npm@5 and glob@8', 'npm@5 and glob@8.1.0 and @scope/name@2.0.0'],
  ['a file name with an at sign', 'icon@2x.png next to logo@3x.webp'],
  ['a repository', 'git clone git@github.com:org/repo.git'],
  ['user information of a URL', 'ssh://git@github.com/org/repo'],
  ['a log timestamp', '[2024-01-15 10:30:45.123456789] started'],
  ['a price', '合计 ¥34,851,123.00 和 $13812345678'],
  ['times and ratios', 'at 12:34:56, ratio 1:2:3:4'],
  ['a scope operator', 'std::vector and MyClass::toString and a::before'],
  ['a Python slice', 'items[::2] and items[::-1]'],
  ['an object identifier', 'OID 2.5.29.14 and 1.3.6.1.4.1.311'],
  ['a section number', 'see section 4.3.2.1 of the manual'],
  ['service names', 'S3, C4, EKS, EC2, H264, UTF8 and x86'],
  ['licence-like capitals', 'LICENSE MIT-2024 and ERROR CODE ABCD1234'],
  ['powers of two', 'const limits = [4294967296, 4503599627370496, 9007199254740991]'],
  ['a power of two behind a word of labels', 'WriteCall = 134217728, // call 536870912'],
  ['Han digits of a sentence', '一二三四五六七，七六五四三二一'],
  ['a plate-like word', '云SERVER和新SYSTEM'],
  ['a CSS colour and hexadecimal numbers', '#ff00aa 0xDEADBEEF 00ff12ab34cd'],
  ['the broadcast and empty MAC', 'FF:FF:FF:FF:FF:FF 00:00:00:00:00:00'],
]

describe('what looks like an identifier', () => {
  test.each(LOOK_ALIKES)('%s is left alone: %s', (_, text) => {
    expect(namesIn(text)).toEqual([])
  })

  test('hashes of anything are left alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('sha1', 'sha256', 'sha512'), (seed, algorithm) => {
        const hash = createHash(algorithm).update(seed)
        expect(namesIn(`the file has ${algorithm} ${hash.digest('hex')} , see there`)).toEqual([])
      }),
    )
  })

  test('a number that goes on is no number: a digit, a point and digits, or letters around a right one', () => {
    for (const around of ['1%', '%1', '0.%', '%.5', 'a%', '%b2', '12-%', '%-12']) {
      expect(namesIn(`see ${around.replace('%', '4012888888881881')} there`)).toEqual([])
    }
  })
})

describe('an address of the network', () => {
  test.each([
    ['host 86.121.97.248 down', ['IpAddress:86.121.97.248']],
    ['from 192.168.1.5:8080', ['IpAddress:192.168.1.5']],
    ['route 10.0.0.0/8 there', ['IpAddress:10.0.0.0/8']],
    ['at 2001:db8::1, too', ['IpAddress:2001:db8::1']],
    ['at [fe80::1%eth0]', ['IpAddress:fe80::1%eth0']],
    ['at ::ffff:10.0.0.1 too', ['IpAddress:::ffff:10.0.0.1']],
    ['eth0 00:1a:2b:3c:4d:5e', ['MacAddress:00:1a:2b:3c:4d:5e']],
    ['eth0 AA-BB-CC-DD-EE-FE', ['MacAddress:AA-BB-CC-DD-EE-FE']],
    ['eth0 0012.3456.789a', ['MacAddress:0012.3456.789a']],
    ['::ffff:256.0.0.1 and 684D:1111:222:3333:4444:5555:77', []],
  ])('%s', (text, expected) => {
    expect(namesIn(text)).toEqual(expected)
  })

  test('of every machine is found in a note, and left in a long text', () => {
    const code = 'server.listen(0, "127.0.0.1") // and ::1 '
    expect(namesIn(code)).toEqual(['IpAddress:127.0.0.1', 'IpAddress:::1'])
    expect(namesIn(code + 'x '.repeat(200))).toEqual([])
  })
})

describe('a plate', () => {
  test.each([
    ['车牌京A12345', '京A12345'],
    ['粤B·D12345，新能源', '粤B·D12345'],
    ['教练车冀A1234学', '冀A1234学'],
    ['川CGIHYW是谁的', '川CGIHYW'],
  ])('in %s', (text, value) => {
    expect(namesIn(text)).toEqual([`ChinesePlate:${value}`])
  })

  test('that is one character short at the end of the text is none', () => {
    expect(namesIn('京A1234')).toEqual([])
  })
})

describe('an e-mail address', () => {
  test.each([
    ['发邮件到li.na+work@mail.example.com就行', 'li.na+work@mail.example.com'],
    ['mailto:bob@example.org?subject=x', 'bob@example.org'],
    ['<bob_1@sub.example.co.uk>', 'bob_1@sub.example.co.uk'],
    ['mail=bob@example.com&x=1', 'bob@example.com'],
    ['info@müller.de.', 'info@müller.de'],
    ['a@xn--d1acufc.xn--p1ai', 'a@xn--d1acufc.xn--p1ai'],
    ['联系li@例子.中国吧', 'li@例子.中国'],
    ['bob@qq.comhaha', 'bob@qq.com'],
    ['13812345678@qq.com', '13812345678@qq.com'],
    ['bob@example.com:8080', 'bob@example.com'],
  ])('in %s', (text, value) => {
    expect(namesIn(text)).toEqual([`Email:${value}`])
  })
})
