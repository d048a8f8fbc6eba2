/** A step's path within the items it is repeated for: `pay[line-3]`. Two items never have the same. */
export function pathIn(path: string, keys: readonly string[]): string {
  return keys.length === 0 ? path : `${path}[${keys.map((key) => key.replaceAll(/[\\/]/g, String.raw`\$&`)).join('/')}]`
}
