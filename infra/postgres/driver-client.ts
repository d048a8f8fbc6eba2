import pg from 'pg'

/**
 * Clients of which each is made by what the address says then: a password that was changed and certificates that were renewed
 * count from the next connection on. An address that cannot be used, as when a file of it is missing, fails the connection.
 */
export function clientsOf(urlNow: () => string): new (config?: pg.ClientConfig) => pg.Client {
  return class extends pg.Client {
    readonly #refusal: unknown

    constructor(config: pg.ClientConfig = {}) {
      const found = addressOf(urlNow)
      super({ ...config, ...found.config })
      this.#refusal = found.refusal
    }

    override connect(): Promise<pg.Client>
    override connect(callback: (error: Error) => void): void
    override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
      if (this.#refusal === undefined) return callback ? super.connect(callback) : super.connect()
      const error = this.#refusal instanceof Error ? this.#refusal : new Error(String(this.#refusal))
      if (!callback) return Promise.reject(error)
      process.nextTick(callback, error)
    }
  }
}

function addressOf(urlNow: () => string): { readonly config: pg.ClientConfig; readonly refusal?: unknown } {
  const config = { connectionString: urlNow() }
  try {
    // Reads the files that the address names; nothing is connected.
    void new pg.Client(config)
    return { config }
  } catch (refusal) {
    return { config: {}, refusal }
  }
}
