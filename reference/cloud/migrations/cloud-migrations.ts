import type { Migration } from '../../sql/migration.js'
import { cloudTables } from './0001-cloud.js'
import { severalInstances } from './0002-several-instances.js'
import { planning } from './0003-planning.js'
import { heldPushes } from './0004-held-pushes.js'

/** What brings a store to the cloud's schema, in order. */
export const CLOUD_MIGRATIONS: readonly Migration[] = [cloudTables, severalInstances, planning, heldPushes]
