import type { RetentionList } from '../sql/retention.js'

/** How long a webhook is offered to a cloud that does not take it. */
export const WEBHOOK_DAYS = 7

/** All tables of the platform, and how long their rows are kept: docs/city.md, "What is kept". */
export const PLATFORM_RETENTION: RetentionList = {
  platform_schema_versions: { boundedBy: 'a row for each migration' },
  platform_sequences: { boundedBy: 'one row' },
  platform_inventory: { boundedBy: 'one row' },
  platform_duties: { boundedBy: 'a row for each duty' },
  platform_bays: { boundedBy: 'a row for each bay of the inventory, now or before' },
  platform_lock_streams: { boundedBy: 'a row for each lock of the inventory, now or before' },
  // What was never taken by its cloud; a command goes when it has been answered or has expired.
  platform_outbox: {
    days: WEBHOOK_DAYS,
    since: 'posted_at',
    stamped: true,
    key: ['sequence'],
    only: `channel = 'webhook'`,
    reports: 'webhooks-lost',
  },
  // The newest of a bay stays: by it a cloud that was away for long learns that the bay has changed.
  platform_history: {
    days: 90,
    since: 'recorded_at',
    key: ['sequence'],
    only: `EXISTS (SELECT 1 FROM platform_history newer
             WHERE newer.bay_id = platform_history.bay_id AND newer.sequence > platform_history.sequence)`,
    newest: { of: 'bay_id', by: 'sequence', rows: 10_000 },
  },
  platform_reservations: {
    days: 90,
    since: 'expires_at',
    key: ['reservation_id'],
    only: `state NOT IN ('held', 'accepted', 'code-issued', 'unlocked', 'occupied')
       AND NOT EXISTS (SELECT 1 FROM platform_history h WHERE h.reservation_id = platform_reservations.reservation_id)
       AND NOT EXISTS (SELECT 1 FROM platform_outbox o WHERE o.reservation_id = platform_reservations.reservation_id)`,
  },
  platform_idempotency_keys: { days: 30, since: 'created_at', key: ['idempotency_key'] },
  // A lock repeats what the broker has not confirmed to it: longer than one is away, and more than it has in flight.
  platform_lock_events: {
    days: 30,
    since: 'received_at',
    key: ['lock_id', 'event_id'],
    newest: { of: 'lock_id', by: 'received_at', rows: 2_000 },
  },
  platform_alerts: {
    days: 30,
    since: 'raised_at',
    key: ['sequence'],
    newest: { of: 'lock_id', by: 'sequence', rows: 1_000 },
  },
  platform_audit: {
    days: 365,
    since: 'recorded_at',
    key: ['sequence'],
    newest: { of: 'party', by: 'sequence', rows: 100_000 },
  },
  platform_operator_calls: { days: 1, since: 'created_at', key: ['command_id'] },
}
