/** The life of a hub as `/readyz` tells it: starting (it takes up what an earlier life left) → open → closing. */
export class Readiness {
  private phase: 'starting' | 'open' | 'closing' = 'starting'

  opened(): void {
    this.phase = 'open'
  }

  closing(): void {
    this.phase = 'closing'
  }

  /**
   * Why no work should be handed to the hub now. That its store can write is tried by the probe itself. In resync mode it
   * takes receipts as always: whoever turned them away at the door would lose them.
   */
  reasons(): readonly string[] {
    return this.phase === 'open' ? [] : [this.phase]
  }
}
