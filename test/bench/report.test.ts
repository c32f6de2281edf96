// The figures as text: what a reader sees first, and what is added to what.
import { expect, it } from 'vitest'
import { FIGURES, results, subject } from './made-results.ts'
import { toText } from './report.ts'

it('prints a miss in capitals, what was skipped, and figures of a hop as added to the direct call', () => {
  const direct = { ...subject('direct'), medians: { ...FIGURES, cpuUsPerRequest: 0, p50Us: 50 } }
  const measured = [direct, subject('nginx', { cpuUsPerRequest: 10 }), subject('modelroute')]
  const text = toText(results({ measured, skipped: ['Portkey could not be installed'] }))
  expect(text).toMatch(/CPU a request, x nginx's +10\.0x +<= 4x +MISSED/)
  expect(text).toMatch(/^modelroute +10\.00 +100\.0 +1000 +1\.00 +150 /m)
  expect(text).toMatch(/^modelroute +1\.00 +500 +1\.00 +9000$/m)
  expect(text).toMatch(/SKIPPED: Portkey could not be installed/)
})

it('prints other conditions and open streams', () => {
  const conditions = [{ name: 'translated', unit: 'request', cpuUs: 150, ratio: 3.756 }] as const
  const openStreams = { streams: 1000, idleMb: 70, openMb: 130.2, eventsPerSecond: 999.6 }
  const text = toText(results({ conditions, openStreams }))
  expect(text).toMatch(/^translated, a request +3\.76 +150\.0$/m)
  expect(text).toContain('1000 at once (1000 events/s) hold 130 MB, 70 MB before')
})
