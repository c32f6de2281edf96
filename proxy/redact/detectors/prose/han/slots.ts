// Hashes of facts: a template's number and one to three values of it. features.ts makes slots of the model of them, in
// training and in use alike, so none of this may change without a new training run.

export const one = (template: number, a: number): number => Math.imul((template << 17) ^ a, 0x9e3779b1)
export const two = (template: number, a: number, b: number): number =>
  Math.imul(one(template, a) ^ (b * 0x10001), 0x85ebca6b)
export const three = (template: number, a: number, b: number, c: number): number =>
  Math.imul(two(template, a, b) ^ (c * 0x10001), 0xc2b2ae35)

/** Rarest to commonest in four steps, names apart: enough for the joint features. */
export const coarse = (word: number): number =>
  word === 0 ? 0 : word > 11 ? word - 8 : word > 7 ? 3 : word > 4 ? 2 : 1
