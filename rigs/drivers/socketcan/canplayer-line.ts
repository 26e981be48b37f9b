import { BRS, EFF_FLAG, ESI, FDF, ID_MASK, RTR_FLAG, type KernelFrame } from './kernel-frame.js'

/** The name that lines for canplayer give to the interface; its command line says which one that is. */
export const PLAYED_INTERFACE = 'c'

/** What canplayer reads; it is told to pass over the time. */
export function canplayerLine({ canId, flags, length, data }: KernelFrame): string {
  const id = (canId & ID_MASK)
    .toString(16)
    .toUpperCase()
    .padStart(canId & EFF_FLAG ? 8 : 3, '0')
  const hex = () => Buffer.from(data.buffer, data.byteOffset, data.length).toString('hex').toUpperCase()
  const content =
    flags & FDF
      ? `#${flags & (BRS | ESI)}${hex()}`
      : canId & RTR_FLAG
        ? `R${length === 0 ? '' : length}`
        : hex()
  return `(0.000000) ${PLAYED_INTERFACE} ${id}#${content}\n`
}
