import { AVRTimer, type CPU, type timer0Config } from 'avr8js'

type TimerConfig = typeof timer0Config

/** What avr8js 0.21 keeps to itself and this file needs. */
interface TimerInside {
  count: (reschedule?: boolean, external?: boolean) => void
  readonly divider: number
  readonly lastCycle: number
  readonly tcnt: number
  readonly ocrA: number
  readonly ocrB: number
  readonly TOP: number
  readonly timerMode: number
  readonly compA: number
  readonly compB: number
}

/** `TimerMode` of avr8js. */
const PHASE_CORRECT = [1, 4]

/** An unwatched timer is brought up to date at least so often, so that there is never much to catch up on. */
const UNWATCHED_STEPS = 1 << 16

/**
 * One of the chip's timers. avr8js wakes a timer at every step of its prescaler, up to two million times a second, and
 * a chip that sleeps could not be skipped for longer than that. Here a timer is woken when something happens that can
 * be seen: a compare match or an overflow. Its own arithmetic is kept, and does the steps between in one.
 * @throws Error when avr8js is another version, which is built otherwise
 */
export function attachTimer(cpu: CPU, config: TimerConfig): void {
  const timer = new AVRTimer(cpu, config) as unknown as TimerInside
  const advance = timer.count
  if (typeof advance !== 'function') throw new Error('avr8js has no AVRTimer.count any more')
  const schedule = () => {
    while (cpu.clearClockEvent(timer.count));
    if (!timer.divider) return
    const isWatched = cpu.data[config.TIMSK] !== 0 || timer.compA !== 0 || timer.compB !== 0
    const steps = stepsToNextEvent(timer, isWatched)
    cpu.addClockEvent(timer.count, timer.lastCycle + steps * timer.divider - cpu.cycles)
  }
  timer.count = (reschedule = true, external = false) => {
    advance(false, external)
    if (reschedule) schedule()
  }
  // A change of a register must find the timer where it would be by now, and may move the next event.
  const { TCCRA, TCCRB, TCNT, OCRA, OCRB, ICR, TIMSK } = config
  for (const register of [TCCRA, TCCRB, TCNT, OCRA, OCRB, TIMSK, ...(config.bits === 16 ? [ICR] : [])]) {
    const write = cpu.writeHooks[register]
    if (!write) throw new Error(`avr8js has no write hook for timer register ${register} any more`)
    cpu.writeHooks[register] = (...args) => {
      timer.count(false)
      if (!write(...args)) cpu.data[register] = args[0]
      timer.count()
      return true
    }
  }
  // The flags, too, are brought up to date when somebody looks.
  cpu.readHooks[config.TIFR] = (address) => {
    timer.count(false)
    return cpu.data[address] ?? 0
  }
}

function stepsToNextEvent({ tcnt, ocrA, ocrB, TOP, timerMode }: TimerInside, isWatched: boolean): number {
  // Counting up and down has more turning points than are worth working out: step by step, as avr8js does, unless
  // nobody looks. Arduino's start-up leaves two timers running so.
  if (PHASE_CORRECT.includes(timerMode)) return isWatched ? 1 : UNWATCHED_STEPS
  // To the top and over it in two: avr8js takes a whole round for none.
  let steps = Math.max(1, TOP - tcnt)
  if (ocrA > tcnt) steps = Math.min(steps, ocrA - tcnt)
  if (ocrB > tcnt) steps = Math.min(steps, ocrB - tcnt)
  return steps
}
