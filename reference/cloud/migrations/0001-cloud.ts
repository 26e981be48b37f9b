import type { Migration } from '../../sql/migration.js'

/**
 * What the cloud remembers. A repeated delivery, a second reservation of one user, and two users behind one reference
 * are made impossible by constraints, not by looking first.
 */
export const cloudTables: Migration = {
  version: 1,
  name: 'cloud',
  statements: [
    // One row is locked by whoever draws from it, so on every store sequence order is commit order.
    `CREATE TABLE cloud_sequences (name TEXT PRIMARY KEY, value BIGINT NOT NULL)`,
    `INSERT INTO cloud_sequences (name, value) VALUES ('messages', 0)`,
    `CREATE TABLE cloud_users (
       openid TEXT PRIMARY KEY,
       user_ref TEXT NOT NULL UNIQUE,
       vehicle_id TEXT,
       symbology TEXT NOT NULL CHECK (symbology IN ('qr', 'code128')),
       language TEXT NOT NULL CHECK (language IN ('zh', 'en'))
     )`,
    // Without an answer yet, a push belongs to the instance that took it: when that one dies, another takes it over.
    `CREATE TABLE cloud_seen_pushes (push_key TEXT PRIMARY KEY, taken_by TEXT NOT NULL, reply TEXT)`,
    `CREATE TABLE cloud_seen_events (event_id TEXT PRIMARY KEY)`,
    `CREATE TABLE cloud_reservations (
       plan_id TEXT PRIMARY KEY,
       user_ref TEXT NOT NULL REFERENCES cloud_users (user_ref),
       bay_id TEXT NOT NULL,
       vehicle_id TEXT,
       correlation_id TEXT NOT NULL,
       request TEXT NOT NULL,
       reservation_id TEXT UNIQUE,
       progress INTEGER NOT NULL CHECK (progress BETWEEN 0 AND 6),
       active INTEGER NOT NULL CHECK (active IN (0, 1)),
       code TEXT,
       symbology TEXT,
       CHECK (active = 1 OR code IS NULL)
     )`,
    `CREATE UNIQUE INDEX cloud_one_reservation_a_user ON cloud_reservations (user_ref) WHERE active = 1`,
    // Only what is still to be sent: a row may hold a code in clear, so it goes when it has been delivered.
    `CREATE TABLE cloud_outbox (
       sequence BIGINT PRIMARY KEY,
       channel TEXT NOT NULL CHECK (channel IN ('wechat', 'vehicle')),
       recipient TEXT NOT NULL,
       payload TEXT NOT NULL,
       correlation_id TEXT NOT NULL
     )`,
  ],
}
