const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/**
 * Abbreviated months of the locales that Vector's tools run under, without accents. A point stands for a letter that
 * an 8-bit code page has made unreadable.
 */
const MONTH_NAMES: readonly RegExp[] = [
  /^(jan|ene|gen)/,
  /^f.[bv]/,
  /^m(.r|.*rz|ars)/,
  /^(apr|avr|abr)/,
  /^ma[iyjg]/,
  /^(jun|juin|giu)/,
  /^(jul|juil|lug)/,
  /^(aug|ag|ao)/,
  /^se[pt]/,
  /^(o[ck]t|ott|out)/,
  /^nov/,
  /^d.[cz]/,
]

const TIME = /(\d{1,2}):(\d\d):(\d\d)(?:[.,:](\d{1,6}))?/
const AFTERNOON = /\bp\.?m\b|下午|午後|오후/i
const MORNING = /\ba\.?m\b|上午|午前|오전/i

function monthOf(date: string): number | undefined {
  const numbered = /(\d{1,2})\s*[月월]/.exec(date)
  if (numbered) return Number(numbered[1])
  // The weekday stands before the month; `mar` is either, in some languages.
  const words = date
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/\b[ap]\.?m\b\.?/gi, ' ')
    .toLowerCase()
    .match(/[\p{L}\uFFFD][\p{L}\uFFFD.]*/gu)
  const word = words?.[1] ?? words?.[0]
  const at = word === undefined ? -1 : MONTH_NAMES.findIndex((name) => name.test(word))
  return at < 0 ? undefined : at + 1
}

/**
 * The time of an ASC header, e.g. `Sam Sep 30 15:06:13.191 2017` or `Tue May 27 04:09:35.000 pm 2014`. The header
 * names no time zone.
 * @returns microseconds since the epoch as if it were UTC; undefined for what is no date
 */
export function parseAscDate(date: string): number | undefined {
  const time = TIME.exec(date)
  const rest = date.replace(TIME, ' ').replace(/\d{1,2}\s*[月월]/, ' ')
  const year = /(?<!\d)(\d{4})(?!\d)/.exec(rest)
  const day = /(?<!\d)(\d{1,2})(?!\d)/.exec(rest)
  const month = monthOf(date.replace(TIME, ' '))
  if (!time || !year || !day || month === undefined) return undefined
  const [, hours, minutes, seconds, fraction = ''] = time
  const hour = AFTERNOON.test(date)
    ? (Number(hours) % 12) + 12
    : MORNING.test(date)
      ? Number(hours) % 12
      : Number(hours)
  const at = new Date(0)
  at.setUTCFullYear(Number(year[1]), month - 1, Number(day[1]))
  at.setUTCHours(hour, Number(minutes), Number(seconds))
  // A day or an hour that does not exist has rolled over.
  const exists = at.getUTCDate() === Number(day[1]) && at.getUTCMonth() === month - 1 && hour < 24
  return exists ? at.getTime() * 1_000 + Number(fraction.padEnd(6, '0')) : undefined
}

/** @param epochMs as UTC @returns e.g. `Sat Sep 30 03:06:13.191 pm 2017`, which is how an English CANoe writes it */
export function formatAscDate(epochMs: number): string {
  const at = new Date(epochMs)
  const pad = (value: number, digits = 2) => String(value).padStart(digits, '0')
  const time = [pad(at.getUTCHours() % 12 || 12), pad(at.getUTCMinutes()), pad(at.getUTCSeconds())].join(':')
  return [
    WEEKDAYS[at.getUTCDay()],
    MONTHS[at.getUTCMonth()],
    pad(at.getUTCDate()),
    `${time}.${pad(at.getUTCMilliseconds(), 3)}`,
    at.getUTCHours() < 12 ? 'am' : 'pm',
    at.getUTCFullYear(),
  ].join(' ')
}
