import type { Migration } from '../../sql/migration.js'
import { reservations } from './0001-reservations.js'
import { lockSaid } from './0002-lock-said.js'
import { severalInstances } from './0003-several-instances.js'
import { city } from './0004-city.js'
import { access } from './0005-access.js'
import { lockSilence } from './0006-lock-silence.js'
import { commandAnswers } from './0007-command-answers.js'
import { lockClocks } from './0008-lock-clocks.js'
import { retention } from './0009-retention.js'
import { postedAt } from './0010-posted-at.js'

/** What brings a store to the platform's schema, in order. */
export const PLATFORM_MIGRATIONS: readonly Migration[] = [
  reservations,
  lockSaid,
  severalInstances,
  city,
  access,
  lockSilence,
  commandAnswers,
  lockClocks,
  retention,
  postedAt,
]
