export { move, skipAll, type MoveGround } from './move.ts'
export { openSource, type Source } from './source.ts'
export { openTarget, refuseHalfMoved, type Target } from './target.ts'
export { moveInstallation, type InstallationMove } from './installation.ts'
