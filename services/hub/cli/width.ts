/** Code points that take two columns in a terminal: East Asian Wide and Fullwidth (Unicode 16, UAX #11), and emoji. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]

// Colours and styles of a terminal, and marks that stand on the character before them.
// oxlint-disable-next-line no-control-regex
const WITHOUT_WIDTH = /\u001b\[[0-9;]*m|\p{Mn}|\p{Cf}/gu

/** Columns that a text takes in a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const sign of text.replace(WITHOUT_WIDTH, '')) width += isWide(sign.codePointAt(0) ?? 0) ? 2 : 1
  return width
}

function isWide(code: number): boolean {
  return code >= 0x1100 && wide.some(([first, last]) => first <= code && code <= last)
}

/** Fills a text up to a width; a longer one stays as it is. */
export function padTo(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const gap = ' '.repeat(Math.max(0, width - widthOf(text)))
  return side === 'left' ? text + gap : gap + text
}

// Characters that steer a terminal or turn text around: what comes from outside must not.
// oxlint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** A text from outside, as it may be shown on a terminal. */
export function harmless(text: string): string {
  return text.replace(STEERING, '·')
}
