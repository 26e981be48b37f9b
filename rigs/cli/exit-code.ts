/** Exit codes of the command line (DESIGN 3). Where several hold, the highest class wins: 4 over 3 over 1. */
export const EXIT = {
  passed: 0,
  /** The product under test failed. */
  product: 1,
  /** Usage: an unknown command, flag or profile. */
  usage: 2,
  /** The rig or the infrastructure failed: nothing is said about the product. */
  rig: 3,
  /** The safe state could not be confirmed: treat the bench as energised. */
  unsafe: 4,
} as const
