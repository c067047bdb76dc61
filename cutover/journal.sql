-- create --
-- Everything a run remembers, in the target: a batch and its watermark commit in one transaction.
CREATE SCHEMA IF NOT EXISTS cutover;

CREATE TABLE IF NOT EXISTS cutover.lease (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch bigint NOT NULL,
    holder text NOT NULL,
    backend_pid integer,
    backend_start timestamptz,
    taken_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO cutover.lease (epoch, holder) VALUES (0, 'nobody') ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS cutover.run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purpose text NOT NULL,
    plan_digest text NOT NULL,
    plan text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'finished', 'abandoned')),
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);

CREATE TABLE IF NOT EXISTS cutover.step (
    run_id bigint NOT NULL REFERENCES cutover.run,
    step_id text NOT NULL,
    rows bigint,
    finished_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, step_id)
);

CREATE TABLE IF NOT EXISTS cutover.watermark (
    run_id bigint NOT NULL REFERENCES cutover.run,
    table_name text NOT NULL,
    last_key text NOT NULL,
    rows bigint NOT NULL,
    PRIMARY KEY (run_id, table_name)
);

-- A page holds the lines of one batch, column and rule: [key, storage class, before, after].
-- It is not compressed: the client would wait for that (docs/adr/0037-the-ledger-is-kept-in-pages.md).
DO $$
BEGIN
    IF to_regclass('cutover.ledger_page') IS NULL THEN
        CREATE TABLE cutover.ledger_page (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            run_id bigint NOT NULL REFERENCES cutover.run,
            kind text NOT NULL CHECK (kind IN ('changed', 'rejected')),
            table_name text NOT NULL,
            column_name text NOT NULL,
            rule text NOT NULL,
            key_columns text[] NOT NULL,
            count bigint NOT NULL,
            lines json NOT NULL
        );
        ALTER TABLE cutover.ledger_page ALTER COLUMN lines SET STORAGE EXTERNAL;
    END IF;
END
$$;

CREATE OR REPLACE VIEW cutover.ledger AS
SELECT page.run_id, page.kind, page.table_name, page.column_name, page.rule,
    (
        SELECT json_object_agg(part.name, part.value)
        FROM ROWS FROM (unnest(page.key_columns), json_array_elements(line -> 0))
            AS part (name, value)
    ) AS key,
    line ->> 1 AS storage_class, line ->> 2 AS before, line ->> 3 AS after
FROM cutover.ledger_page AS page, json_array_elements(page.lines) AS line;

-- Rows without a parent, as the source stores them. A blob is {"blob": hex}, text that is none in
-- PostgreSQL {"text": hex}; `json` keeps every digit of a number.
CREATE TABLE IF NOT EXISTS cutover.quarantine (
    run_id bigint NOT NULL REFERENCES cutover.run,
    table_name text NOT NULL,
    key json NOT NULL,
    row json NOT NULL
);

CREATE TABLE IF NOT EXISTS cutover.taken_down (
    run_id bigint NOT NULL REFERENCES cutover.run,
    position integer NOT NULL,
    kind text NOT NULL,
    table_name text NOT NULL,
    name text NOT NULL,
    drop_sql text NOT NULL,
    create_sql text NOT NULL,
    after_sql text NOT NULL,
    put_back_at timestamptz,
    PRIMARY KEY (run_id, position)
);

CREATE TABLE IF NOT EXISTS cutover.verification (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES cutover.run,
    plan_digest text NOT NULL,
    source_images text NOT NULL,
    target_fingerprint text NOT NULL,
    target_image text NOT NULL,
    passed boolean NOT NULL,
    differs boolean NOT NULL,
    findings bigint NOT NULL,
    verified_at timestamptz NOT NULL DEFAULT now()
);
-- exists --
SELECT to_regclass('cutover.lease') IS NOT NULL
-- lease_holder --
-- The holder lives as long as its backend does: a pid alone could have been given to another.
SELECT lease.epoch, lease.holder, lease.backend_pid, lease.taken_at, activity.pid IS NOT NULL
FROM cutover.lease AS lease
LEFT JOIN pg_stat_activity AS activity
    ON activity.pid = lease.backend_pid
    -- Of other roles' backends only the pid can be seen: rather wait for a stranger than rob him.
    AND coalesce(activity.backend_start = lease.backend_start, true)
-- take_lease --
UPDATE cutover.lease
SET epoch = epoch + 1, holder = %(holder)s, taken_at = now(),
    backend_pid = pg_backend_pid(),
    backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
WHERE epoch = %(epoch)s
RETURNING epoch
-- release_lease --
UPDATE cutover.lease SET holder = 'nobody', backend_pid = NULL, backend_start = NULL
WHERE epoch = %(epoch)s
-- hold_epoch --
-- FOR SHARE: a successor's UPDATE waits for this transaction, and a later one finds no row.
SELECT 1 FROM cutover.lease WHERE epoch = %(epoch)s FOR SHARE
-- latest_run --
SELECT id, purpose, plan_digest, state FROM cutover.run
WHERE state <> 'abandoned' ORDER BY id DESC LIMIT 1
-- plan_of_run --
SELECT plan FROM cutover.run WHERE id = %(run)s
-- begin_run --
INSERT INTO cutover.run (purpose, plan_digest, plan, state)
VALUES (%(purpose)s, %(digest)s, %(plan)s, 'running')
RETURNING id
-- abandon_runs --
UPDATE cutover.run SET state = 'abandoned', finished_at = now()
WHERE state = 'running' AND id <> %(run)s
-- inherit_taken_down --
-- What an abandoned run took down is still down: its successor puts it back, after its own.
UPDATE cutover.taken_down SET run_id = %(run)s, position = position - 1000000
WHERE put_back_at IS NULL AND run_id <> %(run)s
-- finish_run --
UPDATE cutover.run SET state = 'finished', finished_at = now() WHERE id = %(run)s
-- finished_steps --
SELECT step_id FROM cutover.step WHERE run_id = %(run)s
-- finish_step --
INSERT INTO cutover.step (run_id, step_id, rows) VALUES (%(run)s, %(step)s, %(rows)s)
ON CONFLICT DO NOTHING
-- watermark --
SELECT last_key, rows FROM cutover.watermark WHERE run_id = %(run)s AND table_name = %(table)s
-- watermarks --
SELECT table_name, rows FROM cutover.watermark WHERE run_id = %(run)s
-- forget_inherited --
DELETE FROM cutover.taken_down AS old
USING cutover.taken_down AS new
WHERE old.run_id = %(run)s AND old.position < 0
    AND new.run_id = %(run)s AND new.position >= 0
    AND (new.kind, new.table_name, new.name) = (old.kind, old.table_name, old.name)
-- advance --
INSERT INTO cutover.watermark (run_id, table_name, last_key, rows)
VALUES (%(run)s, %(table)s, %(key)s, %(rows)s)
ON CONFLICT (run_id, table_name)
DO UPDATE SET last_key = excluded.last_key, rows = excluded.rows
-- enter_page --
INSERT INTO cutover.ledger_page
    (run_id, kind, table_name, column_name, rule, key_columns, count, lines)
VALUES (%(run)s, %(kind)s, %(table)s, %(column)s, %(rule)s, %(key_columns)s, %(count)s, %(lines)s)
-- ledger --
SELECT key::text, kind, table_name, column_name, rule, storage_class, before, after
FROM cutover.ledger WHERE run_id = %(run)s
-- ledger_counts --
SELECT kind, table_name, column_name, rule, sum(count)::bigint FROM cutover.ledger_page
WHERE run_id = %(run)s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
-- forget_quarantined --
DELETE FROM cutover.quarantine WHERE run_id = %(run)s AND table_name = %(table)s
-- quarantine --
INSERT INTO cutover.quarantine (run_id, table_name, key, row)
VALUES (%(run)s, %(table)s, %(key)s, %(row)s)
-- quarantined --
SELECT key::text, row::text FROM cutover.quarantine
WHERE run_id = %(run)s AND table_name = %(table)s
-- take_down --
INSERT INTO cutover.taken_down
    (run_id, position, kind, table_name, name, drop_sql, create_sql, after_sql)
VALUES (%(run)s, %(position)s, %(kind)s, %(table)s, %(name)s, %(drop)s, %(create)s, %(after)s)
-- taken_down --
-- The last one down comes back first.
SELECT position, kind, table_name, name, create_sql, after_sql FROM cutover.taken_down
WHERE run_id = %(run)s AND put_back_at IS NULL ORDER BY position DESC
-- put_back --
UPDATE cutover.taken_down SET put_back_at = now()
WHERE run_id = %(run)s AND position = %(position)s
-- record_verification --
INSERT INTO cutover.verification
    (run_id, plan_digest, source_images, target_fingerprint, target_image, passed,
     differs, findings)
VALUES (%(run)s, %(digest)s, %(images)s, %(target)s, %(image)s, %(passed)s, %(differs)s,
    %(findings)s)
-- latest_verification --
SELECT plan_digest, source_images, target_fingerprint, target_image, passed, differs, findings,
    to_char(verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM cutover.verification
WHERE run_id = %(run)s AND (passed OR NOT %(passing)s)
ORDER BY id DESC LIMIT 1
