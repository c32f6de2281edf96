// Kubernetes quantities: `250m` CPU, `96Mi` of memory. Only what resources need: positive decimal numbers with a
// suffix; exponents (`1e3`) are read too. Values are compared as numbers and written back as the user's own text.
const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** Cores or bytes; null when the text is no quantity. */
export function parseQuantity(text: string): number | null {
  const [, digits, suffix] = /^(\d{1,18}(?:\.\d{1,9})?(?:[eE][+-]?\d{1,2})?)([a-zA-Z]{0,2})$/.exec(text) ?? []
  const factor = suffix === undefined ? undefined : FACTORS[suffix]
  return digits === undefined || factor === undefined ? null : Number(digits) * factor
}

/** A quantity of any JSON shape the API allows: text, or a bare number. */
export function quantityOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : null
  return typeof value === 'string' ? parseQuantity(value) : null
}
