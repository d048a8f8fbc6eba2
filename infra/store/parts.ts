/** Work is owned by partition: each has one process at a time that changes its states. */
export const partCount = 64

/** The partition of a 52-bit hash; SQL computes the same of its column. */
export const partOf = (hash: number): number => hash % partCount
