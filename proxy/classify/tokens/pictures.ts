// What a picture costs in tokens, by the rules that the makers of models document for each family (docs/tokens.md has
// the sources). A picture of unknown size counts as one of 1024 by 1024.
import type { Family } from './families.ts'
import type { PictureSize } from './picture.ts'

const UNKNOWN_SIZE: PictureSize = { width: 1024, height: 1024 }
/** A picture has two sides; more than this is a slip of its head. */
const MAX_SIDE = 65_535

export function tokensOfPicture(family: Family, size: PictureSize | null): number {
  const { width, height } = size ?? UNKNOWN_SIZE
  const real = { width: clamp(width), height: clamp(height) }
  return Math.ceil(RULES[family](real))
}

function clamp(side: number): number {
  return Math.min(MAX_SIDE, Math.max(1, side))
}

const RULES: Readonly<Record<Family, (size: PictureSize) => number>> = {
  o200k: openAiTiles,
  cl100k: openAiTiles,
  // Anthropic, "Vision": width * height / 750, of a picture brought to 1568 pixels on its longer side.
  claude: (size) => areaOf(within(size, 1568)) / 750,
  gemini: geminiTiles,
  // Meta, Llama 3.2 model card: tiles of 560 pixels, at most four, 1601 patches each.
  llama: ({ width, height }) => Math.min(4, Math.ceil(width / 560) * Math.ceil(height / 560)) * 1601,
  // Qwen2-VL, technical report: one token for 28 by 28 pixels, at most 16384 of them.
  qwen: (size) => Math.min(16_384, Math.max(4, areaOf(size) / 784)),
  // DeepSeek-VL2: tiles of 384 pixels, 14 by 14 tokens and line ends each, and a whole view; at most nine tiles.
  deepseek: ({ width, height }) => (1 + Math.min(9, Math.ceil(width / 384) * Math.ceil(height / 384))) * 210,
  // Mistral, "Vision": one token for 16 by 16 pixels, of a picture brought to 1024 pixels, and one a row.
  mistral: (size) => {
    const { width, height } = within(size, 1024)
    return Math.ceil(width / 16) * Math.ceil(height / 16) + Math.ceil(height / 16)
  },
}

function areaOf({ width, height }: PictureSize): number {
  return width * height
}

function within({ width, height }: PictureSize, longest: number): PictureSize {
  const scale = Math.min(1, longest / Math.max(width, height))
  return { width: width * scale, height: height * scale }
}

/** OpenAI, "Images and vision": to 2048 pixels, the shorter side to 768, tiles of 512: 85 and 170 for each tile. */
function openAiTiles(size: PictureSize): number {
  const fitting = within(size, 2048)
  const scale = Math.min(1, 768 / Math.min(fitting.width, fitting.height))
  return 85 + 170 * Math.ceil((fitting.width * scale) / 512) * Math.ceil((fitting.height * scale) / 512)
}

/** Google, "Image understanding": 258 up to 384 pixels on both sides, else 258 for each tile of 768. */
function geminiTiles({ width, height }: PictureSize): number {
  if (width <= 384 && height <= 384) return 258
  return 258 * Math.ceil(width / 768) * Math.ceil(height / 768)
}
