-- columns --
SELECT a.attname,
       a.atttypid::regtype::text,
       a.attnotnull,
       CASE l.collprovider
           WHEN 'd' THEN CASE coalesce(to_jsonb(b) ->> 'datlocprovider', 'c')
                             WHEN 'b' THEN true
                             WHEN 'c' THEN b.datcollate IN ('C', 'POSIX')
                             ELSE false END
           WHEN 'b' THEN true
           WHEN 'c' THEN l.collcollate IN ('C', 'POSIX')
           WHEN 'i' THEN false
           ELSE true  -- a type without collation
       END
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_database b ON b.datname = current_database()
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE n.nspname = %(schema)s AND c.relname = %(table)s AND a.attnum > 0 AND NOT a.attisdropped
