/** Under which Nest hands the ports to controllers. */
export const PORTS = Symbol('console ports')
