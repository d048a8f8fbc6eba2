import type { Chance } from './chance.ts'
import type { DataFile, Glance } from './data-file.ts'
import type { Load } from './load.ts'
import { pause, until } from '../processes/pause.ts'
import type { Phase } from './phases.ts'
import { atCommit } from './strike.ts'
import type { World } from './world.ts'

/** How long to wait for a phase before the kill comes anyway, ms. */
const patience = 2_500

/** Kills the hub at a chosen kind of moment, as well as one can from outside. */
export class Aim {
  constructor(
    private readonly world: World,
    private readonly dataFile: DataFile,
    private readonly load: Load,
    private readonly chance: Chance,
  ) {}

  /** Resolves when the hub is gone. */
  async kill(phase: Phase | undefined): Promise<void> {
    switch (phase) {
      case 'receive':
        this.load.burst(3)
        await pause(this.chance.between(1, 20))
        return this.world.killHub()
      case 'normalise':
        this.load.burst(1)
        return this.killWhen(({ normalising }) => normalising > 0)
      case 'sending':
        return this.chance.of(0.5) ? this.killAtCommit() : this.killWhen(({ sending }) => sending > 0)
      case 'in doubt':
        return this.killWhen(({ inDoubt }) => inDoubt > 0, this.chance.between(0, 300))
      case 'undo':
        this.load.withdrawPosted(this.dataFile.sent())
        return this.killWhen(({ undoing }) => undoing > 0, this.chance.between(0, 12))
      case undefined:
        await pause(this.chance.between(0, 800))
        return this.world.killHub()
    }
  }

  private async killWhen(is: (glance: Glance) => boolean, after = 0): Promise<void> {
    await until(() => (is(this.dataFile.glance()) ? true : undefined), { within: patience, every: 2 })
    if (after > 0) await pause(after)
    await this.world.killHub()
  }

  private async killAtCommit(): Promise<void> {
    this.load.burst(1)
    let gone: Promise<void> | undefined
    await atCommit(this.world.data, () => (gone = this.world.killHub()), {
      within: patience,
      skip: this.chance.between(2, 30),
    })
    await (gone ?? this.world.killHub())
  }
}
