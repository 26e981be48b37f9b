/** 1899-12-30, from which a TRC file counts its days, to the Unix epoch. */
const EPOCH_DAYS = 25_569
const DAY_US = 86_400_000_000
/** PEAK's tools write the start to 0.1 ms in words; its ten decimals of a day are as fine as 8.64 µs. */
const START_STEP_US = 100

/** linux/can/error.h: CAN_ERR_PROT, CAN_ERR_BUSERROR and CAN_ERR_CNT, which together say what an `ER` line says. */
export const TRC_ERROR = 0x288
/** CAN_ERR_PROT_TX: the error was in a frame that this node sent. */
export const PROT_TX = 0x80
/** PEAK's error types: 1 bit, 2 form, 4 stuff as in CAN_ERR_PROT_*; 8 stands alone for any other. */
export const OTHER_ERROR = 8

/** Types of CAN FD frames. PEAK: FE has ESI alone, BI has both bits. (python-can takes FE for both and BI for ESI.) */
export const FD_TYPES: Readonly<Record<string, { readonly brs: boolean; readonly esi: boolean }>> = {
  FD: { brs: false, esi: false },
  FB: { brs: true, esi: false },
  FE: { brs: false, esi: true },
  BI: { brs: true, esi: true },
}

/** @returns microseconds since the Unix epoch; undefined for no number, or a day before 1970 */
export function parseTrcStart(days: string): number | undefined {
  const [, whole, fraction = ''] = /^\s*(\d{1,7})(?:[.,](\d{1,18}))?\s*$/.exec(days) ?? []
  if (whole === undefined) return undefined
  const scale = 10n ** BigInt(fraction.length)
  const step = scale * BigInt(START_STEP_US)
  const scaled = BigInt(whole + fraction) * BigInt(DAY_US) - BigInt(EPOCH_DAYS * DAY_US) * scale
  const us = Number((scaled + step / 2n) / step) * START_STEP_US
  return scaled >= 0n && Number.isSafeInteger(us) ? us : undefined
}

/** @param us a multiple of 100 µs @returns e.g. `41766.4648963872` */
export function formatTrcStart(us: number): string {
  const decimals = 10n ** 10n
  const scaled =
    (BigInt(us) * decimals + BigInt(DAY_US) / 2n) / BigInt(DAY_US) + BigInt(EPOCH_DAYS) * decimals
  return `${scaled / decimals}.${String(scaled % decimals).padStart(10, '0')}`
}
