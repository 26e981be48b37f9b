import { type CanLogFormat, type CanLogLoss } from './can-log.js'

/** Highest bus number that is written. */
const MAX_NUMBER = 255

/** Channel 1 of an ASC or TRC file is `can0`, as can-utils and python-can have it. */
export const channelOfNumber = (number: number): string => `can${number - 1}`

function numberOfChannel(channel: string): number | undefined {
  const [, index] = /^can(0|[1-9]\d{0,2})$/.exec(channel) ?? []
  return index !== undefined && Number(index) < MAX_NUMBER ? Number(index) + 1 : undefined
}

export function channelLoss(format: CanLogFormat, channel: string): CanLogLoss[] {
  if (numberOfChannel(channel) !== undefined) return []
  const problem = `${format} numbers its channels: ${JSON.stringify(channel)} has no number of its own`
  return [{ field: 'channel', problem, drops: false }]
}

/** Gives the channels of a log their numbers. */
export class ChannelNumbers {
  readonly #numbers = new Map<string, number>()

  of(channel: string): number {
    const known = this.#numbers.get(channel)
    if (known !== undefined) return known
    const taken = new Set(this.#numbers.values())
    const wanted = numberOfChannel(channel)
    let number = wanted ?? 1
    while (taken.has(number)) number++
    this.#numbers.set(channel, number)
    return number
  }
}
