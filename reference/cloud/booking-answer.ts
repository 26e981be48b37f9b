import type { BookingOutcome } from './booking.js'
import { mapLink } from './map-link.js'
import type { Answer } from './passive-reply.js'
import type { Phrases } from './phrases.js'

/** What the user reads of a booking. @param asked the place or the bay that they named */
export function bookingAnswer(
  outcome: BookingOutcome,
  asked: string,
  words: Phrases,
  holdSeconds: number,
): Answer {
  if ('booked' in outcome) {
    const { bay, location } = outcome.booked
    return { ...words.reserved({ ...outcome.booked, holdSeconds }), url: mapLink(location, bay) }
  }
  switch (outcome.refused) {
    case 'no-space-in-reach':
      return words.noSpaceNear(asked, outcome.unmet)
    case 'taken-everywhere':
      return words.takenEverywhere
    case 'already-reserved':
      return words.alreadyReserved(outcome.bay)
    case 'bay-taken':
      return words.bayTaken(asked, outcome.other)
    case 'bay-unknown':
      return words.bayUnknown(asked)
    case 'ended-meanwhile':
      return words.cancelled(outcome.bay)
  }
}
