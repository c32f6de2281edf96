// What goes over to the thread that masks and back is what was sent: bodies, keys, values of any characters, many of
// them or none.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MaskedBody, MaskJob } from '../../../../proxy/redact/work/job.ts'
import { readAsked, readTold, wireAsked, wireTold } from '../../../../proxy/redact/work/wire.ts'

const text = fc.string({ unit: 'grapheme' })
const bytes = fc.uint8Array({ maxLength: 64 })

test('a job', () => {
  fc.assert(
    fc.property(text, bytes, fc.option(bytes), fc.array(text), (rule, body, previousCodesKey, rawHeaders) => {
      const slab = Buffer.concat([Buffer.from('before'), body, Buffer.from('behind')])
      const job: Omit<MaskJob, 'policy'> = {
        rule,
        body: slab.subarray(6, 6 + body.length),
        dialect: 'OpenAI',
        operation: 'Chat',
        path: '/chat/completions',
        contentType: 'application/json',
        rawHeaders,
        query: rule,
        oddModel: null,
        codesKey: Buffer.alloc(32, 9),
        previousCodesKey,
      }
      const read = structuredClone(wireAsked({ kind: 'mask', id: 7, policyId: 'p', job }))
      const asked = readAsked(read)
      if (asked.kind !== 'mask') throw new Error(asked.kind)
      expect([asked.id, asked.policyId, asked.job.rule, asked.job.rawHeaders]).toEqual([7, 'p', rule, rawHeaders])
      expect(Buffer.from(asked.job.body)).toEqual(Buffer.from(body))
      expect(Buffer.from(asked.job.codesKey)).toEqual(Buffer.alloc(32, 9))
      expect(asked.job.previousCodesKey && [...asked.job.previousCodesKey]).toEqual(
        previousCodesKey && [...previousCodesKey],
      )
    }),
  )
})

test.each([0, 1, 256, 257])('a result with %i values', (count) => {
  const codes = Array.from({ length: count }, (_, index) => `CODE${index}`)
  const valueOf = (code: string) => ({ value: `\ud83d "${code}" 张\u0000`, kind: 'text' as const, token: code })
  const result: MaskedBody = {
    kind: 'masked',
    body: count === 0 ? null : Buffer.from('body'),
    map: {
      values: new Map(codes.map((code) => [code, valueOf(code)])),
      words: new Set(['EMAIL']),
      oneWay: new Set(codes),
    },
    rawHeaders: ['a', 'b'],
    query: '?x',
    asksForJson: true,
    maskedByType: new Map([['Email', count]]),
    sent: count,
    notInspected: 1,
  }
  const told = readTold(structuredClone(wireTold({ kind: 'masked', id: 7, result })))
  expect(told).toEqual({
    kind: 'masked',
    id: 7,
    result: { ...result, body: result.body && new Uint8Array(result.body) },
  })
})
