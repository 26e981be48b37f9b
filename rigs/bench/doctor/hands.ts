import type { Board } from '../board/board-client.js'

/** What a walk-through needs somebody at the bench for. */
export type HandsTask =
  'vehicle comes' | 'vehicle leaves' | 'housing opens' | 'housing closes' | 'card is shown'

/** Somebody, or something, that does what is asked at the bench. */
export interface Hands {
  /** For the report, when nobody does it. */
  readonly absence: string
  /** @returns false when nobody did it: the step is skipped, by name */
  please(task: HandsTask): Promise<boolean>
  /** The bolt is about to move. @returns false when it may not */
  clear(): Promise<boolean>
}

/** A virtual rig's: the plant does it. */
export function plantHands(board: Pick<Board, 'setVehiclePresent' | 'setTampered'>): Hands {
  return {
    absence: 'the plant has no card to show to a real camera',
    please: async (task) => {
      if (task === 'vehicle comes' || task === 'vehicle leaves')
        await board.setVehiclePresent(task === 'vehicle comes')
      else if (task === 'card is shown') return false
      else await board.setTampered(task === 'housing opens')
      return true
    },
    clear: async () => true,
  }
}

const WORDS: Readonly<Record<HandsTask, string>> = {
  'vehicle comes': 'Put a vehicle (or a steel plate) over the vehicle sensor',
  'vehicle leaves': 'Take it away again',
  'housing opens': "Open the lock's housing, or pull the tamper contact",
  'housing closes': 'Close it again',
  'card is shown':
    'Hold the target card (lockstep doctor --target-card card.svg writes it) before the camera, flat, so that it fills the frame',
}

/** A terminal: shows a question, and gives the line that answers it, or undefined where no more will come (Ctrl-D). */
export interface Terminal {
  question(text: string): Promise<string | undefined>
}

/** A person at a terminal, asked step by step. The end of the terminal's input is a no. */
export function personHands(terminal: Terminal): Hands {
  const yes = async (question: string) =>
    !/^\s*(n|no|s|skip)\s*$/i.test((await terminal.question(question)) ?? 'no')
  return {
    absence: 'skipped by the person at the bench',
    please: (task) => yes(`${WORDS[task]}, then press Enter (s skips): `),
    clear: () =>
      yes('The bolt will move. Is the way clear, and are all hands away? Enter goes on, n skips: '),
  }
}

/** Nobody is asked: with `--yes` the bolt may move all the same. */
export function noHands(mayMove: boolean): Hands {
  return {
    absence: 'skipped: it needs a person at the bench, and this is not an interactive terminal',
    please: async () => false,
    clear: async () => mayMove,
  }
}
