// All kinds of numbers with a form, joined, for the index (match-numbers.ts), the labels and the detector table.
// Of two that fit a text equally well the first counts.

import type { NumberRow } from './number-row.ts'
import { ASIAN_NUMBERS } from './numbers-asia.ts'
import { CHINESE_NUMBERS } from './numbers-china.ts'
import { GERMAN_NUMBERS } from './numbers-germany.ts'
import { NORTHERN_NUMBERS } from './numbers-north.ts'
import { OVERSEAS_NUMBERS } from './numbers-overseas.ts'
import { SOUTHERN_NUMBERS } from './numbers-south.ts'

export const NUMBER_ROWS: readonly NumberRow[] = [
  ...CHINESE_NUMBERS,
  ...OVERSEAS_NUMBERS,
  ...NORTHERN_NUMBERS,
  ...SOUTHERN_NUMBERS,
  ...GERMAN_NUMBERS,
  ...ASIAN_NUMBERS,
]
