import type { Space } from '../contracts/platform-api.js'
import type { Charger, VehicleSize } from '../domain/bay-fit.js'
import type { PlanReason, UnmetCounts } from '../domain/parking-plan.js'
import type { Symbology } from '../domain/unlock-code.js'
import type { Card } from './passive-reply.js'

export type Language = 'zh' | 'en'

export interface PlanWords {
  readonly bay: string
  /** Metres from the place that was asked for; none when the user named the bay. */
  readonly walkMetres: number | undefined
  readonly pricePerHourFen: number
  readonly holdSeconds: number
  /** Why this space; none when the user named the bay. */
  readonly reason: PlanReason | undefined
  readonly charger: Charger | undefined
}

/** Everything the account says. Each refusal says what to do next. */
export interface Phrases {
  readonly help: string
  /** How to name a place. */
  readonly find: string
  readonly working: string
  readonly trouble: string
  readonly noReservation: string
  readonly codeComing: string
  readonly codeNotYet: string
  readonly takenEverywhere: string
  readonly notCancellable: string
  welcome(withCar: boolean): string
  reserved(plan: PlanWords): Omit<Card, 'url'>
  /** @param unmet free spaces in reach that are beyond a limit of the user's */
  noSpaceNear(place: string, unmet: UnmetCounts): string
  vehicleMeasured(size: VehicleSize | undefined): string
  /** @param answer what was found instead */
  insteadOf(bay: string, reason: string, answer: string): string
  alreadyReserved(bay: string): string
  bayTaken(bay: string, other: string | undefined): string
  bayUnknown(bay: string): string
  state(space: Space): string
  symbologySet(symbology: Symbology): string
  accepted(bay: string): string
  refusedByLock(bay: string, reason: string): string
  unlocked(bay: string): string
  parked(bay: string): string
  completed(bay: string): string
  cancelled(bay: string): string
  expired(bay: string): string
}

const yuan = (fen: number) => (fen / 100).toFixed(fen % 100 === 0 ? 0 : 2)

const metres = (value: number) => Math.round(value)

function zhReason({ reason, charger }: PlanWords): string {
  const station = charger
    ? `${charger.kind === 'dc' ? '直流快充' : '交流慢充'} ${charger.powerKilowatts} 千瓦。`
    : ''
  switch (reason?.kind) {
    case undefined:
      return station
    case 'only':
      return `${station}理由：这是范围内唯一符合条件的空位。`
    case 'nearest':
      return `${station}理由：这是最近的、符合条件的空位。`
    case 'cheaper':
      return `${station}理由：比最近的空位 ${reason.than} 每小时便宜 ${yuan(reason.savesFen)} 元，只多走 ${metres(reason.moreMetres)} 米。`
    case 'leaves-charger':
      return `${station}理由：最近的空位 ${reason.than} 有充电桩，留给需要充电的车，只多走 ${metres(reason.moreMetres)} 米。`
  }
}

function enReason({ reason, charger }: PlanWords): string {
  const station = charger
    ? `${charger.kind === 'dc' ? 'DC' : 'AC'} charger, ${charger.powerKilowatts} kW. `
    : ''
  switch (reason?.kind) {
    case undefined:
      return station
    case 'only':
      return `${station}Why: the only free space there that fits. `
    case 'nearest':
      return `${station}Why: the nearest free space that fits. `
    case 'cheaper':
      return `${station}Why: ${yuan(reason.savesFen)} yuan an hour less than the nearest, ${reason.than}, for ${metres(reason.moreMetres)} m more. `
    case 'leaves-charger':
      return `${station}Why: the nearest, ${reason.than}, has a charger that others may need; ${metres(reason.moreMetres)} m more. `
  }
}

/** Which of the user's limits kept free spaces from them. */
function unmetWords(unmet: UnmetCounts, words: Record<keyof UnmetCounts, string>, comma: string): string {
  const limits = ['price', 'size', 'charger'] as const
  return limits
    .filter((limit) => unmet[limit] > 0)
    .map((limit) => words[limit].replace('#', String(unmet[limit])))
    .join(comma)
}

/** A reason of a lock or of the platform, as people say it. */
const ZH_REASONS: Readonly<Record<string, string>> = {
  'coordinates-differ': '坐标不符',
  'out-of-service': '停止使用',
  'lock-silent': '车锁没有应答',
}

const zh: Phrases = {
  help: '发送目的地（如“北京西站”）或位置，即可规划并预约车位。也可发送：预约 B-17 · 状态 B-17 · 我的码 · 取消 · 条形码 · 二维码。可加条件：北京西站 快充 5元以内 步行500米。车辆尺寸：我的车 4.9x1.9x1.6',
  find: '请发送目的地的名称（如“北京西站”），或点输入框旁的“+”发送位置。',
  working: '已收到，正在办理，请稍候…',
  trouble: '停车平台暂时没有响应，没有办成。请稍后再发一次。',
  noReservation: '您目前没有预约。发送目的地或位置即可预约车位。',
  codeComing: '正在发送您的开锁码。',
  codeNotYet: '开锁码还没有生成，车锁确认后会自动发给您。也可以发送“取消”。',
  takenEverywhere: '附近的车位刚刚都被预约了。请换一个目的地，或稍后再试。',
  notCancellable: '车辆已在车位上，不能取消；驶离后预约自动结束。',
  welcome: (withCar) =>
    `欢迎使用停车服务！${withCar ? '已绑定您的车辆，方案会显示在车内屏幕上。' : '扫描车内屏幕上的二维码即可绑定车辆。'}${zh.help}`,
  reserved: (plan) => ({
    title: `已为您预约车位 ${plan.bay}`,
    description:
      `${plan.walkMetres === undefined ? '' : `步行约 ${plan.walkMetres} 米，`}${yuan(plan.pricePerHourFen)} 元/小时，` +
      `保留 ${Math.round(plan.holdSeconds / 60)} 分钟。${zhReason(plan)}等待车锁确认，开锁码随后发送。点击查看地图。`,
  }),
  noSpaceNear(place, unmet) {
    const words = { price: '# 个超过价格上限', size: '# 个停不下您的车', charger: '# 个没有所需的充电桩' }
    const why = unmetWords(unmet, words, '，')
    return why === ''
      ? `${place}附近没有空车位。请换一个目的地，或稍后再试。`
      : `${place}附近没有符合条件的空车位：${why}。请放宽条件，或换一个目的地。`
  },
  vehicleMeasured: (size) =>
    size
      ? `好的，以后只推荐停得下 ${size.lengthMetres}×${size.widthMetres}×${size.heightMetres} 米车辆的车位。发送“我的车 不限”即可取消。`
      : '好的，不再按车辆尺寸筛选车位。',
  insteadOf: (bay, reason, answer) => `车位 ${bay} 的预约未成（${ZH_REASONS[reason] ?? reason}）。${answer}`,
  alreadyReserved: (bay) => `您已预约车位 ${bay}。要换车位，请先发送“取消”。`,
  bayTaken: (bay, other) =>
    `车位 ${bay} 现在不能预约。${other === undefined ? '附近也没有空车位，请换一个目的地，或稍后再试。' : `最近的空车位是 ${other}，发送“预约 ${other}”即可。`}`,
  bayUnknown: (bay) => `没有车位 ${bay}。请核对编号，或发送目的地。`,
  state: (space) =>
    `车位 ${space.bayId}（${space.label}）\n` +
    `占用：${{ free: '空闲', occupied: '有车', unknown: '未知' }[space.occupancy]}\n` +
    `预约：${{ none: '无', held: '保留中', accepted: '车锁已确认', 'code-issued': '已发码', unlocked: '已开锁' }[space.reservation]}\n` +
    `车锁：${{ ok: '正常', offline: '离线', fault: '故障' }[space.lockHealth]}\n` +
    `锁栓：${{ up: '升起', down: '降下', moving: '动作中', unknown: '未知' }[space.bolt]}`,
  symbologySet: (symbology) => `好的，下一次预约的开锁码将是${symbology === 'qr' ? '二维码' : '条形码'}。`,
  accepted: (bay) => `车位 ${bay} 的车锁已确认预约。`,
  refusedByLock: (bay, reason) =>
    `车位 ${bay} 的车锁拒绝了预约（${ZH_REASONS[reason] ?? reason}）。请重新发送目的地，预约其他车位。`,
  unlocked: (bay) => `车位 ${bay} 已开锁，请驶入。`,
  parked: (bay) => `车辆已停入车位 ${bay}。`,
  completed: (bay) => `您已驶离车位 ${bay}，预约结束。谢谢！`,
  cancelled: (bay) => `车位 ${bay} 的预约已取消。发送目的地即可重新预约。`,
  expired: (bay) => `车位 ${bay} 的预约已过期，开锁码作废。发送目的地即可重新预约。`,
}

const en: Phrases = {
  help: 'Send a destination (such as "Beijing West") or your location to plan and reserve a space. You can also send: reserve B-17 · state B-17 · my code · cancel · barcode · qr code. Wishes: Beijing West, fast charging, under 5 yuan, within 500 m. Your car: my car 4.9x1.9x1.6',
  find: 'Send the name of a destination (such as "Beijing West"), or your location with the + beside the text field.',
  working: 'Got it; one moment please…',
  trouble: 'The parking platform does not answer, so nothing was done. Please send it again in a while.',
  noReservation: 'You have no reservation. Send a destination or your location to get one.',
  codeComing: 'Your code is on its way.',
  codeNotYet:
    'There is no code yet; it comes by itself once the lock has agreed. You can also send "cancel".',
  takenEverywhere: 'The spaces around there have all just been taken. Try another destination, or try later.',
  notCancellable: 'Your car stands in the space, so it cannot be cancelled; it ends when you leave.',
  welcome: (withCar) =>
    `Welcome! ${withCar ? 'Your car is linked: plans appear on its screen. ' : 'Scan the code on your car’s screen to link it. '}${en.help}`,
  reserved: (plan) => ({
    title: `Space ${plan.bay} is reserved for you`,
    description:
      `${plan.walkMetres === undefined ? '' : `A walk of ${plan.walkMetres} m, `}${yuan(plan.pricePerHourFen)} yuan an hour, ` +
      `held for ${Math.round(plan.holdSeconds / 60)} minutes. ${enReason(plan)}The code follows once the lock has agreed. Tap for the map.`,
  }),
  noSpaceNear(place, unmet) {
    const words = { price: '# cost more', size: '# are too small', charger: '# lack the charger' }
    const why = unmetWords(unmet, words, ', ')
    return why === ''
      ? `There is no free space near ${place}. Try another destination, or try later.`
      : `No free space near ${place} is as you wish: ${why}. Ask for less, or try another destination.`
  },
  vehicleMeasured: (size) =>
    size
      ? `All right: from now on only spaces for a car of ${size.lengthMetres} × ${size.widthMetres} × ${size.heightMetres} m. To undo: "my car any".`
      : 'All right: spaces are no longer chosen by the size of your car.',
  insteadOf: (bay, reason, answer) => `Space ${bay} fell through (${reason}). ${answer}`,
  alreadyReserved: (bay) => `You have reserved space ${bay}. To change, send "cancel" first.`,
  bayTaken: (bay, other) =>
    `Space ${bay} cannot be reserved now. ${other === undefined ? 'None is free near it either: try another destination, or try later.' : `The nearest free one is ${other}: send "reserve ${other}".`}`,
  bayUnknown: (bay) => `There is no space ${bay}. Check the number, or send a destination.`,
  state: (space) =>
    `Space ${space.bayId} (${space.label})\noccupancy: ${space.occupancy}\nreservation: ${space.reservation}\n` +
    `lock: ${space.lockHealth}\nbolt: ${space.bolt}`,
  symbologySet: (symbology) =>
    `All right: the code of your next reservation will be a ${symbology === 'qr' ? 'QR code' : 'barcode'}.`,
  accepted: (bay) => `The lock of space ${bay} has agreed.`,
  refusedByLock: (bay, reason) =>
    `The lock of space ${bay} refused the reservation (${reason}). Send your destination again for another space.`,
  unlocked: (bay) => `Space ${bay} is unlocked; please drive in.`,
  parked: (bay) => `Your car is in space ${bay}.`,
  completed: (bay) => `You have left space ${bay}; the reservation is over. Thank you!`,
  cancelled: (bay) => `Your reservation of space ${bay} is cancelled. Send a destination for another one.`,
  expired: (bay) =>
    `Your reservation of space ${bay} has expired and its code is void. Send a destination for another one.`,
}

export const PHRASES: Readonly<Record<Language, Phrases>> = { zh, en }

/** The language that a text is written in, or undefined when it does not tell. */
export function languageOf(text: string): Language | undefined {
  if (/\p{Script=Han}/u.test(text)) return 'zh'
  return /[A-Za-z]{2}/.test(text) ? 'en' : undefined
}
