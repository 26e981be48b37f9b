import type { LockCommand } from '../../reference/contracts/lock-link.js'
import type { Position } from '../../reference/contracts/platform-api.js'
import {
  compareCoordinates,
  DEFAULT_COMPARATOR,
  type ComparatorReading,
  type Comparison,
} from '../../reference/domain/comparator.js'
import { wgs84 } from '../../reference/domain/coordinates.js'

/** REQ-12: are the reserved coordinates those of the lock that stands here? */
export function compareReserved(
  { location, reportedFix }: Extract<LockCommand, { type: 'reserve' }>,
  own: Position,
  reading: ComparatorReading,
): Comparison {
  const point = ({ latitude, longitude }: Position) => wgs84(latitude, longitude)
  return compareCoordinates(
    point(location),
    {
      preset: point(own),
      reported: reportedFix && {
        point: point(reportedFix.location),
        ageSeconds: reportedFix.ageSeconds,
        hdop: reportedFix.hdop,
      },
    },
    { ...DEFAULT_COMPARATOR, reading },
  )
}
