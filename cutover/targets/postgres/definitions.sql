What slows a bulk load, with the statements that drop and recreate each. Only what comes back
exactly is listed: an index that others lean on, that is invalid, or that says more than its
definition can, is left up. Children and parents of inheritance are left alone altogether.

-- triggers --
SELECT n.nspname,
       c.relname,
       t.tgname,
       format('DROP TRIGGER %%I ON %%I.%%I', t.tgname, n.nspname, c.relname),
       pg_get_triggerdef(t.oid),
       to_json(array_remove(ARRAY[
           CASE t.tgenabled
               WHEN 'D' THEN
                   format('ALTER TABLE %%I.%%I DISABLE TRIGGER %%I', n.nspname, c.relname, t.tgname)
               WHEN 'R' THEN
                   format('ALTER TABLE %%I.%%I ENABLE REPLICA TRIGGER %%I', n.nspname, c.relname, t.tgname)
               WHEN 'A' THEN
                   format('ALTER TABLE %%I.%%I ENABLE ALWAYS TRIGGER %%I', n.nspname, c.relname, t.tgname)
           END,
           CASE WHEN obj_description(t.oid, 'pg_trigger') IS NOT NULL THEN
               format('COMMENT ON TRIGGER %%I ON %%I.%%I IS %%L', t.tgname, n.nspname, c.relname,
                      obj_description(t.oid, 'pg_trigger'))
           END], NULL))::text
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relname = ANY (%(tables)s)
  AND c.relkind = 'r' AND NOT c.relispartition
  AND NOT t.tgisinternal
  AND NOT EXISTS (SELECT FROM pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent))
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype IN ('e', 'x')
                    AND ((d.classid = 'pg_trigger'::regclass AND d.objid = t.oid)
                         OR (d.classid = 'pg_class'::regclass AND d.objid = c.oid)))
ORDER BY t.oid DESC

-- foreign_keys --
SELECT n.nspname,
       c.relname,
       k.conname,
       format('ALTER TABLE %%I.%%I DROP CONSTRAINT %%I', n.nspname, c.relname, k.conname),
       format('ALTER TABLE %%I.%%I ADD CONSTRAINT %%I %%s', n.nspname, c.relname, k.conname,
              pg_get_constraintdef(k.oid)),
       to_json(array_remove(ARRAY[
           CASE WHEN obj_description(k.oid, 'pg_constraint') IS NOT NULL THEN
               format('COMMENT ON CONSTRAINT %%I ON %%I.%%I IS %%L', k.conname, n.nspname, c.relname,
                      obj_description(k.oid, 'pg_constraint'))
           END], NULL))::text,
       k.oid::bigint
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class r ON r.oid = k.confrelid
JOIN pg_namespace s ON s.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
  AND ((n.nspname = %(schema)s AND c.relname = ANY (%(tables)s))
       OR (s.nspname = %(schema)s AND r.relname = ANY (%(tables)s)))
  AND c.relkind = 'r' AND r.relkind = 'r' AND NOT c.relispartition AND NOT r.relispartition
  AND NOT EXISTS (SELECT FROM pg_inherits h
                  WHERE c.oid IN (h.inhrelid, h.inhparent) OR r.oid IN (h.inhrelid, h.inhparent))
  -- A key whose own triggers were switched off can't be described by its definition.
  AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled <> 'O')
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype IN ('e', 'x')
                    AND ((d.classid = 'pg_constraint'::regclass AND d.objid = k.oid)
                         OR (d.classid = 'pg_class'::regclass AND d.objid = c.oid)))
ORDER BY k.oid DESC

-- indexes --
SELECT n.nspname,
       c.relname,
       x.relname,
       CASE WHEN k.oid IS NULL THEN format('DROP INDEX %%I.%%I', n.nspname, x.relname)
            ELSE format('ALTER TABLE %%I.%%I DROP CONSTRAINT %%I', n.nspname, c.relname, k.conname)
       END,
       CASE WHEN k.oid IS NULL THEN pg_get_indexdef(x.oid)
            ELSE format('ALTER TABLE %%I.%%I ADD CONSTRAINT %%I %%s', n.nspname, c.relname, k.conname,
                        pg_get_constraintdef(k.oid))
       END,
       to_json(array_remove(ARRAY[
           CASE WHEN k.oid IS NOT NULL AND x.reloptions IS NOT NULL THEN
               format('ALTER INDEX %%I.%%I SET (%%s)', n.nspname, x.relname,
                      array_to_string(x.reloptions, ', '))
           END,
           CASE WHEN p.oid IS NOT NULL THEN
               format('ALTER INDEX %%I.%%I SET TABLESPACE %%I', n.nspname, x.relname, p.spcname)
           END,
           CASE WHEN obj_description(x.oid, 'pg_class') IS NOT NULL THEN
               format('COMMENT ON INDEX %%I.%%I IS %%L', n.nspname, x.relname,
                      obj_description(x.oid, 'pg_class'))
           END,
           CASE WHEN obj_description(k.oid, 'pg_constraint') IS NOT NULL THEN
               format('COMMENT ON CONSTRAINT %%I ON %%I.%%I IS %%L', k.conname, n.nspname, c.relname,
                      obj_description(k.oid, 'pg_constraint'))
           END]
               || ARRAY(SELECT format('ALTER INDEX %%I.%%I ALTER COLUMN %%s SET STATISTICS %%s',
                                      n.nspname, x.relname, a.attnum, a.attstattarget)
                        FROM pg_attribute a
                        WHERE a.attrelid = x.oid AND coalesce(a.attstattarget, -1) >= 0
                        ORDER BY a.attnum), NULL))::text,
       k.contype::text
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_tablespace p ON p.oid = x.reltablespace
LEFT JOIN pg_constraint k
       ON k.conindid = x.oid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x')
WHERE n.nspname = %(schema)s AND c.relname = ANY (%(tables)s)
  AND c.relkind = 'r' AND NOT c.relispartition
  AND NOT i.indisreplident AND NOT i.indisclustered
  AND i.indisvalid AND i.indisready AND i.indislive
  AND (k.oid IS NULL OR k.conname = x.relname)
  AND NOT EXISTS (SELECT FROM pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent))
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype IN ('e', 'x') AND d.classid = 'pg_class'::regclass
                    AND d.objid IN (x.oid, c.oid))
  -- Whatever else needs it: a foreign key that stays up, a view that groups by it.
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'n'
                    AND ((d.refclassid = 'pg_class'::regclass AND d.refobjid = x.oid)
                         OR (d.refclassid = 'pg_constraint'::regclass AND d.refobjid = k.oid))
                    AND NOT (d.classid = 'pg_constraint'::regclass
                             AND d.objid = ANY (%(foreign_keys)s::oid[])))
ORDER BY k.oid IS NULL, x.oid DESC
