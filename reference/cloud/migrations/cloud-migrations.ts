import type { Migration } from '../../sql/migration.js'
import { cloudTables } from './0001-cloud.js'
import { severalInstances } from './0002-several-instances.js'
import { planning } from './0003-planning.js'
import { pushSignatures } from './0004-push-signatures.js'
import { heldPushes } from './0005-held-pushes.js'
import { retention } from './0006-retention.js'

/** What brings a store to the cloud's schema, in order. */
export const CLOUD_MIGRATIONS: readonly Migration[] = [
  cloudTables,
  severalInstances,
  planning,
  pushSignatures,
  heldPushes,
  retention,
]
