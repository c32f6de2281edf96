// Reads the dictionaries that are shipped beside the code: prose/dictionaries/ in the source tree, dictionaries/ beside
// the bundle in the image. The one file of the prose detectors that touches the disk.

import { readFileSync } from 'node:fs'

/** Gives a dictionary's bytes by the name of its file. */
export type ReadDictionary = (name: string) => Uint8Array

export const readShippedDictionary: ReadDictionary = (name) =>
  readFileSync(new URL(`./dictionaries/${name}`, import.meta.url))
