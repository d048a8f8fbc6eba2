import type { PersonalValue } from '@shuniu/contracts'

/** Hides what identifies a person (reliability: masking formats). What is masked stays recognisable to who knows it. */

/** `138****1234`; of anything that is no mobile number the last four at most. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/^\+?86[- ]?(?=1)/, '').replace(/[- ]/g, '')
  return /^\d{11}$/.test(digits) ? `${digits.slice(0, 3)}****${digits.slice(-4)}` : keepEnd(phone, 4)
}

/** `110***********123X` */
export function maskId(id: string): string {
  if (id.length < 15) return keepEnd(id, 4)
  return `${id.slice(0, 3)}${'*'.repeat(id.length - 7)}${id.slice(-4)}`
}

/** `****1234` */
export function maskBank(account: string): string {
  return keepEnd(account.replace(/[- ]/g, ''), 4)
}

/** `张*` */
export function maskName(name: string): string {
  const [first = ''] = name
  return first === '' ? '' : `${first}*`
}

const maskers: Readonly<Record<string, (value: string) => string>> = {
  name: maskName,
  phone: maskPhone,
  id: maskId,
  bank: maskBank,
}

/** Masks what is known to be of a person, wherever it stands in a text; of a class nobody knows, nothing stays. */
export function maskPersonal(text: string, values: readonly PersonalValue[]): string {
  return values.reduce((masked, { value, pii }) => masked.replaceAll(value, (maskers[pii] ?? hideAll)(value)), text)
}

const hideAll = (): string => '****'

/** At most half of a text stays, at its end. */
function keepEnd(text: string, count: number): string {
  return `****${text.slice(text.length - Math.min(count, Math.floor(text.length / 2)))}`
}

const DAY = '(?:19|20)\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])'
/** Identity cards, bank cards and mobile numbers, in this order, where no digit or letter adjoins. */
const NUMBERS = new RegExp(
  `(?<![\\dA-Za-z])(?:(?<id>\\d{6}${DAY}\\d{3}[\\dXx])|(?<bank>\\d(?:[ -]?\\d){15,18})|(?<phone>(?:\\+?86[- ]?)?1[3-9]\\d(?:[- ]?\\d{4}){2}))(?![\\dA-Za-z])`,
  'g',
)

/** Masks mobile numbers, identity cards and bank cards that stand in free text. */
export function maskText(text: string): string {
  return text.replace(NUMBERS, (found: string, id?: string, bank?: string) => {
    if (id) return maskId(found)
    if (bank) return isCard(found) ? maskBank(found) : found
    return maskPhone(found)
  })
}

/** The check digit of bank cards (Luhn); without it every long number would count as one. */
function isCard(text: string): boolean {
  const digits = [...text].filter((sign) => sign >= '0' && sign <= '9').map(Number)
  const sum = digits.toReversed().reduce((total, digit, index) => {
    const weighed = index % 2 === 0 ? digit : digit * 2
    return total + (weighed > 9 ? weighed - 9 : weighed)
  }, 0)
  return sum % 10 === 0
}
