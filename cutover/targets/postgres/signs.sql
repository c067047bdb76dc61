What doctor asks of the target. Everything is readable by any role; a setting that a role may not
see is a row that is not there.

-- server --
SELECT current_setting('server_version_num')::int4,
       pg_is_in_recovery(),
       coalesce((SELECT reset_val = 'on' FROM pg_settings
                 WHERE name = 'default_transaction_read_only'), false),
       current_setting('server_encoding'),
       (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'),
       pg_size_bytes(current_setting('max_wal_size')),
       current_setting('max_locks_per_transaction')::int8
           * (current_setting('max_connections')::int8
              + current_setting('max_prepared_transactions')::int8),
       (SELECT version FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid())

-- identity --
SELECT oid || ' since ' || extract(epoch FROM pg_postmaster_start_time())
FROM pg_database
WHERE datname = current_database()

-- privileges --
SELECT current_user::text,
       current_database()::text,
       n.oid IS NOT NULL,
       coalesce(has_schema_privilege(n.oid, 'CREATE'), false),
       has_database_privilege(current_database(), 'CREATE'),
       (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user),
       coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace
                 WHERE nspname = 'cutover'), false)
FROM (SELECT) one
LEFT JOIN pg_namespace n ON n.nspname = %(schema)s

-- tables --
SELECT c.relname::text,
       o.rolname::text,
       o.rolsuper,
       pg_has_role(c.relowner, 'USAGE'),
       has_table_privilege(c.oid, 'TRIGGER')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_roles o ON o.oid = c.relowner
WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p')
ORDER BY c.relname

-- collation --
SELECT CASE coalesce(to_jsonb(d) ->> 'datlocprovider', 'c')
           WHEN 'b' THEN 'builtin' WHEN 'i' THEN 'icu' ELSE 'libc' END,
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', d.datcollate),
       to_jsonb(d) ->> 'datcollversion'
FROM pg_database d
WHERE d.datname = current_database()

-- collation_now --
SELECT pg_database_collation_actual_version(oid)
FROM pg_database
WHERE datname = current_database()

-- disk --
SELECT (SELECT setting FROM pg_settings WHERE name = 'data_directory'),
       pg_tablespace_location(dattablespace),
       pg_database_size(oid)
FROM pg_database
WHERE datname = current_database()

-- extensions --
SELECT name::text, installed_version IS NOT NULL FROM pg_available_extensions
