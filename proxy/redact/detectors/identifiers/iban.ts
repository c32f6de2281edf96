// IBAN: two letters of a country, two check digits, and as many characters as that country's have (ISO 13616),
// written as one or in groups. The registry's length and MOD 97 decide; nothing else is asked.

import { iban97 } from './checksums.ts'
import type { Reader } from './reader.ts'
import { addFinding } from './reader.ts'
import { isEvenlyJoined, isPlainJoiner, isWholeBefore, isWholeBehind } from './run.ts'

const LENGTHS: ReadonlyMap<string, number> = new Map(
  `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24
  FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32
  LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24
  RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30`
    .split(/\s+/)
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

/** Offset behind the IBAN that starts with the run, or behind groups that only look like one; else -1. */
export function readIban(reader: Reader): number {
  const { run, text } = reader
  const first = run.codes[0] ?? 0
  const second = run.codes[1] ?? 0
  if (first < 0x41 || second < 0x41 || (run.codes[2] ?? 0) > 0x39 || (run.codes[3] ?? 0) > 0x39) return -1
  const length = LENGTHS.get(String.fromCharCode(first, second))
  if (length === undefined) return -1
  for (let groups = 1; groups <= run.groups; groups++) {
    const count = run.counts[groups - 1] ?? 0
    if (count > length) return -1
    if (count < length) continue
    const end = run.ends[groups - 1] ?? 0
    const isWritten = groups === 1 || (isEvenlyJoined(run, groups) && isPlainJoiner(run.joiners[1] ?? 0))
    if (!isWritten || !isWholeBefore(text, run.start) || !isWholeBehind(text, end)) return -1
    if (!iban97(run.codes, length) || isMixedCase(text.slice(run.start, end))) return groups > 1 ? end : -1
    return addFinding(reader, { start: run.start, end, type: 'Iban', evidence: 'check digit' })
  }
  return -1
}

function isMixedCase(written: string): boolean {
  return written !== written.toUpperCase() && written !== written.toLowerCase()
}
