-- database --
SELECT current_database()
-- backend --
SELECT pg_backend_pid()
-- try_lock --
SELECT pg_try_advisory_lock(%(key)s::bigint)
-- unlock --
SELECT pg_advisory_unlock(%(key)s::bigint)
-- held --
SELECT pg_backend_pid(), EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
        AND classid::bigint = (%(key)s::bigint >> 32) & 4294967295
        AND objid::bigint = %(key)s::bigint & 4294967295 AND objsubid = 1
)
-- holder --
-- state_change: since the last statement, which was the one that took the lock.
SELECT locks.pid, activity.application_name,
    extract(epoch FROM clock_timestamp() - activity.state_change)::int
FROM pg_locks AS locks
LEFT JOIN pg_stat_activity AS activity ON activity.pid = locks.pid
WHERE locks.locktype = 'advisory' AND locks.granted
    AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND locks.classid::bigint = (%(key)s::bigint >> 32) & 4294967295
    AND locks.objid::bigint = %(key)s::bigint & 4294967295 AND locks.objsubid = 1
