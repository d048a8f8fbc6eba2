const DIGITS = '零壹贰叁肆伍陆柒捌玖'
const PLACES = ['', '拾', '佰', '仟']
const GROUPS = ['', '万', '亿', '兆']

/** A decimal text in Chinese financial numerals, as `upper` of a MoneyField: `4326.50` → 肆仟叁佰贰拾陆元伍角. */
export function amountInWords(amount: string): string {
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.')
  const [jiao = '0', fen = '0'] = fraction.padEnd(2, '0')
  const yuan = wholeInWords(whole.replace(/^0+/, ''))
  const cents = [
    jiao === '0' ? (yuan && fen !== '0' ? '零' : '') : `${digit(jiao)}角`,
    fen === '0' ? '' : `${digit(fen)}分`,
  ].join('')
  const words = `${yuan && `${yuan}元`}${cents || (yuan ? '整' : '零元整')}`
  return amount.startsWith('-') ? `负${words}` : words
}

const digit = (character: string): string => DIGITS[Number(character)] ?? ''

/** Groups of four digits, each with its own word; zeros between digits are said once. */
function wholeInWords(whole: string): string {
  let words = ''
  let zero = false
  let groupSaid = false
  for (const [index, character] of [...whole].entries()) {
    const place = whole.length - 1 - index
    if (character === '0') zero = true
    else {
      words += `${zero && words ? '零' : ''}${digit(character)}${PLACES[place % 4]}`
      zero = false
      groupSaid = true
    }
    if (place % 4 === 0 && groupSaid) {
      words += GROUPS[place / 4]
      groupSaid = false
    }
  }
  return words
}
