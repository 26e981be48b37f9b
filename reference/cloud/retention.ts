import type { RetentionList } from '../sql/retention.js'

/** All tables of the cloud, and how long their rows are kept: docs/city.md, "What is kept". */
export const CLOUD_RETENTION: RetentionList = {
  cloud_schema_versions: { boundedBy: 'a row for each migration' },
  cloud_sequences: { boundedBy: 'one row' },
  cloud_duties: { boundedBy: 'a row for each duty' },
  cloud_users: { boundedBy: 'a row for each follower of the account, now or before' },
  cloud_push_signatures: { boundedBy: 'each new one removes those that are no longer good by their time' },
  // WeChat repeats a push for seconds, and one that is older than the replay window is refused.
  cloud_seen_pushes: { days: 2, since: 'found_at', stamped: true, key: ['push_key'] },
  // Longer than the platform offers an event (7 days).
  cloud_seen_events: { days: 14, since: 'found_at', stamped: true, key: ['event_id'] },
  cloud_reservations: {
    days: 90,
    since: 'found_at',
    stamped: true,
    key: ['plan_id'],
    only: 'active = 0 AND replan_reason IS NULL',
  },
  // WeChat takes a message to a user for 48 h after they wrote; a car's commands expire by themselves.
  cloud_outbox: { days: 7, since: 'found_at', stamped: true, key: ['sequence'], reports: 'messages-lost' },
}
