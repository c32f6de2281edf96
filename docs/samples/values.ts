// Values that the samples share.
export const DATA = 'QUFBQQ=='
export const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } }
/** More than most targets take. */
export const STOPS = ['a', 'b', 'c', 'd', 'e']
