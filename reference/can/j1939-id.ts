/** A 29-bit identifier as SAE J1939-21, 5.2, divides it. */
export interface J1939Id {
  /** 0 (first) … 7. */
  readonly priority: number
  /** Parameter group number, 18 bits: with PDU format 1 its last byte is 0. */
  readonly pgn: number
  /** Source address. */
  readonly source: number
  /** With PDU format 1: whom it is for; 255 is all. */
  readonly destination?: number
}

/** PDU format 240 and above has a group extension where those below have a destination. */
const FIRST_PDU2 = 240

/** Source addresses that stand for none in a DBC file's ids: the null address and the global one. */
export const J1939_ANY_ADDRESS: ReadonlySet<number> = new Set([0xfe, 0xff])

/** @param id 29 bits */
export function j1939Id(id: number): J1939Id {
  const specific = (id >>> 8) & 0xff
  const format = (id >>> 16) & 0xff
  const pages = (id >>> 24) & 0x3
  const head = { priority: (id >>> 26) & 0x7, source: id & 0xff }
  const group = (pages << 16) | (format << 8)
  if (format >= FIRST_PDU2) return { ...head, pgn: group | specific }
  return { ...head, pgn: group, destination: specific }
}
