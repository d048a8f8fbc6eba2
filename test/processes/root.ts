import { fileURLToPath } from 'node:url'

/** The checkout this program runs in, whether from its sources or from `dist`. */
export const root = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../..' : '../../..', import.meta.url))
