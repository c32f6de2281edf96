// All kinds of numbers with a form, joined. Of two that fit a text equally well the first counts.

import type { NumberRow } from './number-row.ts'
import { ASIAN_NUMBERS } from './numbers-asia.ts'
import { CHINESE_NUMBERS } from './numbers-china.ts'
import { EUROPEAN_NUMBERS } from './numbers-europe.ts'
import { OVERSEAS_NUMBERS } from './numbers-overseas.ts'

export const NUMBER_ROWS: readonly NumberRow[] = [
  ...CHINESE_NUMBERS,
  ...OVERSEAS_NUMBERS,
  ...EUROPEAN_NUMBERS,
  ...ASIAN_NUMBERS,
]
