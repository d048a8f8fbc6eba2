/** Exact decimals as whole numbers of 10⁻¹⁰, so that sums and comparisons are those of integers. */
export type Amount = bigint

const DIGITS = 10
const UNIT = 10n ** BigInt(DIGITS)

/** Reads `-1060.50`; empty text is zero; undefined when it is not a decimal of at most ten places. */
export function parseAmount(text: string): Amount | undefined {
  const found = /^(-?)(\d{1,18})(?:\.(\d{1,10}))?$/.exec(text === '' ? '0' : text)
  if (!found) return undefined
  const [, sign, whole = '0', fraction = ''] = found
  const units = BigInt(whole) * UNIT + BigInt(fraction.padEnd(DIGITS, '0'))
  return sign === '-' ? -units : units
}

/** Prints all digits, without closing zeros beyond `places`: `1060.5`, with two places `1060.50`. */
export function printAmount(amount: Amount, places = 0): string {
  const positive = amount < 0n ? -amount : amount
  const fraction = (positive % UNIT).toString().padStart(DIGITS, '0').replace(/0+$/, '').padEnd(places, '0')
  return `${amount < 0n ? '-' : ''}${positive / UNIT}${fraction === '' ? '' : `.${fraction}`}`
}

/** True when it has no digits beyond the fen. */
export const isWholeFen = (amount: Amount): boolean => amount % 10n ** BigInt(DIGITS - 2) === 0n
