/**
 * A place in the log as one number: 16 bits of the incarnation of a topic's partition (its row in the store, 0 for the
 * embedded log), then 37 bits of the offset in it. It grows within a partition and names one record for ever.
 */
const offsets = 2 ** 37

export function placeOf(incarnation: number, offset: number): number {
  if (incarnation >= 2 ** 16 || offset >= offsets) throw new RangeError(`no place for ${incarnation}/${offset}`)
  return incarnation * offsets + offset
}

export function incarnationOf(place: number): number {
  return Math.floor(place / offsets)
}

export function offsetOf(place: number): number {
  return place % offsets
}

/** Whether a place lies at or after an end that was noted for its partition; a partition that was not there yet is new as a whole. */
export function isAfter(place: number, ends: readonly number[]): boolean {
  return ends.every((end) => incarnationOf(end) !== incarnationOf(place) || place >= end)
}
