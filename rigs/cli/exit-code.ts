import { EXIT_CODES } from '../evidence/verdict.js'

/** Exit codes of the command line (DESIGN 3). Where several hold, the highest class wins: 4 over 3 over 2 over 1. */
export const EXIT = {
  passed: 0,
  /** A log or a database was read, but for what is bad in it, which was left out and reported. */
  partlyRead: 5,
  ...EXIT_CODES,
} as const
