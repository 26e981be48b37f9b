import type { VehicleSize } from '../domain/bay-fit.js'
import type { Symbology } from '../domain/unlock-code.js'

/** What a user's text asks for. */
export type UserCommand =
  | { readonly kind: 'reserve' | 'state'; readonly bay: string }
  | { readonly kind: 'find' | 'own-state' | 'my-code' | 'cancel' | 'help' }
  | { readonly kind: 'symbology'; readonly symbology: Symbology }
  /** How large the user's vehicle is; undefined to take that back. */
  | { readonly kind: 'vehicle-size'; readonly size: VehicleSize | undefined }
  /** Perhaps a place. */
  | { readonly kind: 'place'; readonly text: string }

/** A bay's name has a digit; without one "reserve Guomao" is about a place. */
const BAY = /^(?=.*\d)[A-Za-z0-9_-]{1,64}$/

const WORDS: readonly (readonly [RegExp, UserCommand])[] = [
  [/^(找车位|查找|预约|预订|find|find parking|reserve|book)$/i, { kind: 'find' }],
  [/^(我的码|开锁码|my code)$/i, { kind: 'my-code' }],
  [/^(取消|取消预约|cancel)$/i, { kind: 'cancel' }],
  [/^(条形码|条码|barcode)$/i, { kind: 'symbology', symbology: 'code128' }],
  [/^(二维码|qr ?code|qr)$/i, { kind: 'symbology', symbology: 'qr' }],
  [/^(状态|state|status)$/i, { kind: 'own-state' }],
  [/^(帮助|help|\?)$/i, { kind: 'help' }],
]

const METRES = String.raw`(\d{1,2}(?:\.\d{1,2})?)\s*(?:米|m)?`
/** Length, width and height. */
const VEHICLE_SIZE = new RegExp(
  String.raw`^(?:我的车|my car)(?: is)?\s*${METRES}\s*[x×*]\s*${METRES}\s*[x×*]\s*${METRES}$`,
  'i',
)
const NO_VEHICLE_SIZE = /^(?:我的车\s*不限|my car any)$/i

function readVehicleSize(text: string): UserCommand | undefined {
  if (NO_VEHICLE_SIZE.test(text)) return { kind: 'vehicle-size', size: undefined }
  const found = VEHICLE_SIZE.exec(text)
  if (!found) return undefined
  const [lengthMetres = 0, widthMetres = 0, heightMetres = 0] = found.slice(1).map(Number)
  return { kind: 'vehicle-size', size: { lengthMetres, widthMetres, heightMetres } }
}

export function readUserCommand(raw: string): UserCommand {
  // phones type full-width letters, digits and question marks
  const text = raw.normalize('NFKC').trim().replace(/\s+/g, ' ')
  const word = WORDS.find(([pattern]) => pattern.test(text))
  if (word) return word[1]
  const vehicleSize = readVehicleSize(text)
  if (vehicleSize) return vehicleSize
  const state = /^(?:状态|state |status )\s*(.+)$/i.exec(text)?.[1]
  if (state !== undefined && BAY.test(state)) return { kind: 'state', bay: state }
  const wanted = /^(?:预约|预订|reserve |book )\s*(.+)$/i.exec(text)?.[1]
  if (wanted === undefined) return { kind: 'place', text }
  return BAY.test(wanted) ? { kind: 'reserve', bay: wanted } : { kind: 'place', text: wanted }
}
