What a schema still holds, in words: kind and name, Alembic's own table apart.

What an extension brought is the extension's. A table's row type and an array type go with their
table and their element; an index and a sequence that belongs to a column, with their table.

-- leftovers --
SELECT kind || ' "' || name || '"' FROM (
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                          WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table'
                          ELSE 'table' END AS kind,
           c.relname AS name, 'pg_class'::regclass AS class, c.oid AS oid
    FROM pg_class c
    WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, t.typname,
           'pg_type'::regclass, t.oid
    FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typnamespace = to_regnamespace(%(schema)s)
      AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
    UNION ALL
    SELECT 'function', p.proname, 'pg_proc'::regclass, p.oid
    FROM pg_proc p WHERE p.pronamespace = to_regnamespace(%(schema)s)
) AS found
WHERE name <> 'alembic_version'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = found.class AND d.objid = found.oid
                  AND d.deptype IN ('e', 'i', 'a') AND (d.deptype = 'e' OR found.kind = 'sequence'))
  AND NOT (kind = 'function' AND EXISTS (SELECT FROM pg_depend d WHERE d.objid = found.oid
                  AND d.classid = found.class AND d.deptype = 'i'))
ORDER BY 1
