import type { Migration } from '../../sql/migration.js'

/**
 * Times are milliseconds since the Unix epoch. Three axes of a space are kept apart: occupancy and bolt (what sensors
 * say), lock health (what the link says), and the reservation, in a table of its own.
 */
export const reservations: Migration = {
  version: 1,
  name: 'reservations',
  statements: [
    // One row is locked by whoever draws from it, so on every store sequence order is commit order.
    `CREATE TABLE platform_sequences (name TEXT PRIMARY KEY, value BIGINT NOT NULL)`,
    `INSERT INTO platform_sequences (name, value) VALUES ('messages', 0)`,
    `CREATE TABLE platform_bays (
       bay_id TEXT PRIMARY KEY,
       label TEXT NOT NULL,
       lock_id TEXT NOT NULL,
       latitude DOUBLE PRECISION NOT NULL CHECK (latitude BETWEEN -90 AND 90),
       longitude DOUBLE PRECISION NOT NULL CHECK (longitude BETWEEN -180 AND 180),
       price_per_hour_fen INTEGER NOT NULL CHECK (price_per_hour_fen >= 0),
       listed INTEGER NOT NULL CHECK (listed IN (0, 1)),
       in_service INTEGER NOT NULL DEFAULT 1 CHECK (in_service IN (0, 1)),
       occupancy TEXT NOT NULL CHECK (occupancy IN ('free', 'occupied', 'unknown')),
       bolt TEXT NOT NULL CHECK (bolt IN ('up', 'down', 'moving', 'unknown')),
       lock_online INTEGER NOT NULL CHECK (lock_online IN (0, 1)),
       lock_fault TEXT,
       boot_count BIGINT,
       fix_latitude DOUBLE PRECISION,
       fix_longitude DOUBLE PRECISION,
       fix_at BIGINT
     )`,
    // A lock that moves to another bay leaves its old one, unlisted, behind.
    `CREATE UNIQUE INDEX platform_one_bay_a_lock ON platform_bays (lock_id) WHERE listed = 1`,
    `CREATE TABLE platform_reservations (
       reservation_id TEXT PRIMARY KEY,
       bay_id TEXT NOT NULL REFERENCES platform_bays (bay_id),
       state TEXT NOT NULL CHECK (state IN ('held', 'accepted', 'code-issued', 'unlocked', 'occupied',
         'completed', 'refused', 'cancelled', 'expired')),
       reason TEXT,
       latitude DOUBLE PRECISION NOT NULL,
       longitude DOUBLE PRECISION NOT NULL,
       user_ref TEXT NOT NULL,
       symbology TEXT NOT NULL CHECK (symbology IN ('qr', 'code128')),
       correlation_id TEXT,
       reserve_command_id TEXT NOT NULL UNIQUE,
       code_sha256 TEXT,
       created_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL CHECK (expires_at >= created_at),
       no_show_at BIGINT,
       CHECK ((code_sha256 IS NULL) OR state NOT IN ('held', 'accepted', 'refused'))
     )`,
    // What makes a double booking impossible: of two writers one is refused, whatever either of them read before.
    `CREATE UNIQUE INDEX platform_one_active_reservation ON platform_reservations (bay_id)
       WHERE state IN ('held', 'accepted', 'code-issued', 'unlocked', 'occupied')`,
    `CREATE TABLE platform_idempotency_keys (
       idempotency_key TEXT PRIMARY KEY,
       request_sha256 TEXT NOT NULL,
       answer TEXT NOT NULL,
       created_at BIGINT NOT NULL
     )`,
    `CREATE TABLE platform_history (
       sequence BIGINT PRIMARY KEY,
       recorded_at BIGINT NOT NULL,
       bay_id TEXT NOT NULL REFERENCES platform_bays (bay_id),
       axis TEXT NOT NULL CHECK (axis IN ('reservation', 'occupancy', 'bolt', 'lock-health', 'service')),
       state TEXT NOT NULL,
       reservation_id TEXT REFERENCES platform_reservations (reservation_id),
       cause TEXT NOT NULL
     )`,
    `CREATE TABLE platform_lock_events (
       lock_id TEXT NOT NULL,
       event_id TEXT NOT NULL,
       type TEXT NOT NULL,
       received_at BIGINT NOT NULL,
       PRIMARY KEY (lock_id, event_id)
     )`,
    `CREATE TABLE platform_alerts (
       sequence BIGINT PRIMARY KEY,
       alert_id TEXT NOT NULL UNIQUE,
       raised_at BIGINT NOT NULL,
       bay_id TEXT NOT NULL REFERENCES platform_bays (bay_id),
       lock_id TEXT NOT NULL,
       kind TEXT NOT NULL,
       detail TEXT
     )`,
    // Only what is still to be sent: a row holds the code in clear, so it goes when it has been delivered.
    `CREATE TABLE platform_outbox (
       sequence BIGINT PRIMARY KEY,
       channel TEXT NOT NULL CHECK (channel IN ('lock', 'webhook')),
       lock_id TEXT,
       kind TEXT NOT NULL,
       reservation_id TEXT REFERENCES platform_reservations (reservation_id),
       payload TEXT NOT NULL,
       expires_at BIGINT,
       CHECK (channel = 'webhook' OR (lock_id IS NOT NULL AND expires_at IS NOT NULL))
     )`,
  ],
}
