/** Bits of the flags of a `CANFD` line, as can-utils' log2asc has them. */
export const ASC_FLAGS = {
  remote: 0x10,
  fd: 0x1000,
  bitrateSwitch: 0x2000,
  errorStateIndicator: 0x4000,
} as const

/** ASC says of an error frame that there was one: CAN_ERR_BUSERROR of linux/can/error.h. */
export const ASC_ERROR = 0x80

/** Bytes by length code (ISO 11898-1, table 5). */
export const FD_LENGTH_OF_DLC = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64]
