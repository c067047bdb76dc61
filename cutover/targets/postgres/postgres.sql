What the catalog says of one schema. Objects of an extension belong to it, and are left out.
Expressions are deparsed with pretty parentheses: it is the form without an outer pair, and the
one that leaves out the names of schemas that are in the search path.

-- tables --
SELECT c.oid::bigint,
       c.relname,
       c.relpersistence <> 'u',
       CASE WHEN NOT c.relrowsecurity THEN 'off' WHEN c.relforcerowsecurity THEN 'forced' ELSE 'on' END
FROM pg_class c
WHERE c.relnamespace = %(schema)s::regnamespace
  AND c.relkind IN ('r', 'p')
  AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname

-- columns --
SELECT a.attrelid::bigint,
       a.attname,
       format_type(a.atttypid, a.atttypmod),
       NOT a.attnotnull,
       pg_get_expr(e.adbin, e.adrelid, true),
       a.attidentity::text,
       a.attgenerated::text,
       EXISTS (SELECT FROM pg_depend d
               JOIN pg_depend u ON u.refobjid = d.objid AND u.refclassid = d.classid
               WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                 AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype = 'a'
                 AND u.classid = 'pg_attrdef'::regclass AND u.objid = e.oid),
       CASE WHEN a.attcollation <> t.typcollation THEN l.collname END,
       (SELECT json_agg(n.enumlabel ORDER BY n.enumsortorder)
        FROM pg_enum n WHERE n.enumtypid IN (a.atttypid, b.oid))::text,
       CASE WHEN t.typtype = 'd' THEN format_type(b.oid, b.modifier) END,
       (SELECT string_agg('by ' || q.seqincrement || ' from ' || q.seqmin || ' to ' || q.seqmax
                          || CASE WHEN q.seqcycle THEN ', and round again' ELSE '' END,
                          '; ' ORDER BY q.seqrelid)
        FROM pg_depend d JOIN pg_sequence q ON q.seqrelid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
          AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i'))
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN LATERAL (
    -- A domain may be made of another one; the modifier is that of the last.
    WITH RECURSIVE made_of(oid, modifier, kind) AS (
        SELECT d.typbasetype, d.typtypmod, 'd'::"char" FROM pg_type d
        WHERE d.oid = a.atttypid AND d.typtype = 'd'
        UNION ALL
        SELECT d.typbasetype, d.typtypmod, d.typtype FROM made_of m JOIN pg_type d ON d.oid = m.oid
        WHERE d.typtype = 'd'
    )
    SELECT m.oid, m.modifier FROM made_of m JOIN pg_type d ON d.oid = m.oid WHERE d.typtype <> 'd'
) b ON true
LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE a.attrelid = ANY (%(tables)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum

-- keys --
SELECT k.conrelid::bigint,
       k.contype::text,
       k.conname,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u(attnum, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum)::text,
       k.condeferrable,
       k.condeferred,
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
FROM pg_constraint k
JOIN pg_index i ON i.indexrelid = k.conindid
WHERE k.conrelid = ANY (%(tables)s::oid[]) AND k.contype IN ('p', 'u')
ORDER BY k.conrelid, k.conname

-- foreign_keys --
SELECT k.conrelid::bigint,
       k.conname,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u(attnum, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum)::text,
       CASE WHEN r.relnamespace = %(schema)s::regnamespace THEN r.relname::text
            ELSE quote_ident(s.nspname) || '.' || quote_ident(r.relname) END,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u(attnum, n)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum)::text,
       k.confdeltype::text,
       k.confupdtype::text,
       k.condeferrable,
       k.condeferred,
       k.convalidated,
       CASE k.confmatchtype WHEN 'f' THEN 'FULL' ELSE 'SIMPLE' END,
       coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
           AND NOT EXISTS (SELECT FROM pg_trigger t
                           WHERE t.tgconstraint = k.oid AND t.tgenabled NOT IN ('O', 'A'))
FROM pg_constraint k
JOIN pg_class r ON r.oid = k.confrelid
JOIN pg_namespace s ON s.oid = r.relnamespace
WHERE k.conrelid = ANY (%(tables)s::oid[]) AND k.contype = 'f' AND k.conparentid = 0
ORDER BY k.conrelid, k.conname

-- checks --
SELECT k.conrelid::bigint, k.conname, pg_get_expr(k.conbin, k.conrelid, true), k.convalidated
FROM pg_constraint k
WHERE k.conrelid = ANY (%(tables)s::oid[]) AND k.contype = 'c'
ORDER BY k.conrelid, k.conname

-- indexes --
SELECT i.indrelid::bigint,
       i.indexrelid::bigint,
       c.relname,
       i.indisunique,
       pg_get_expr(i.indpred, i.indrelid, true),
       m.amname,
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
       i.indisvalid,
       coalesce('CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid, true),
                pg_get_indexdef(i.indexrelid, 0, true))
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_constraint k
       ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
WHERE i.indrelid = ANY (%(tables)s::oid[]) AND (k.contype IS NULL OR k.contype = 'x')
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY i.indrelid, c.relname

-- index_parts --
SELECT i.indexrelid::bigint,
       n <= i.indnkeyatts,
       a.attname,
       CASE WHEN i.indkey[n - 1] = 0 THEN pg_get_indexdef(i.indexrelid, n, true) END,
       coalesce(i.indoption[n - 1] & 1, 0) = 1,
       coalesce(i.indoption[n - 1] & 2, 0) = 2,
       CASE WHEN i.indcollation[n - 1] <> coalesce(a.attcollation, 'pg_catalog."default"'::regcollation)
            THEN l.collname END
FROM pg_index i
CROSS JOIN LATERAL generate_series(1, i.indnatts) n
LEFT JOIN pg_attribute a
       ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1] AND i.indkey[n - 1] <> 0
LEFT JOIN pg_collation l ON l.oid = i.indcollation[n - 1]
WHERE i.indrelid = ANY (%(tables)s::oid[])
ORDER BY i.indexrelid, n

-- triggers --
SELECT t.tgrelid::bigint,
       t.tgname,
       t.tgtype::int,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(t.tgattr) WITH ORDINALITY u(attnum, n)
        JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = u.attnum)::text,
       pg_get_functiondef(t.tgfoid),
       t.tgenabled::text,
       pg_get_triggerdef(t.oid, true)
FROM pg_trigger t
WHERE t.tgrelid = ANY (%(tables)s::oid[]) AND NOT t.tgisinternal
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.deptype = 'e')
ORDER BY t.tgrelid, t.tgname

-- rewrites --
SELECT r.ev_class::bigint,
       r.rulename,
       pg_get_ruledef(r.oid, true)
           || CASE r.ev_enabled WHEN 'O' THEN '' ELSE ' -- enabled: ' || r.ev_enabled::text END
FROM pg_rewrite r
WHERE r.ev_class = ANY (%(tables)s::oid[]) AND r.rulename <> '_RETURN'
UNION ALL
SELECT p.polrelid::bigint,
       p.polname,
       CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END
           || ' policy for ' || CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT'
                                              WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                                              ELSE 'ALL' END
           || ' to ' || ARRAY(SELECT CASE u.oid WHEN 0 THEN 'public' ELSE u.oid::regrole::text END
                              FROM unnest(p.polroles) u(oid) ORDER BY 1)::text
           || coalesce(' using ' || pg_get_expr(p.polqual, p.polrelid, true), '')
           || coalesce(' with check ' || pg_get_expr(p.polwithcheck, p.polrelid, true), '')
FROM pg_policy p
WHERE p.polrelid = ANY (%(tables)s::oid[])
ORDER BY 1, 2, 3

-- views --
SELECT c.oid::bigint,
       c.relname,
       rtrim(pg_get_viewdef(c.oid, true), ';'),
       c.relkind = 'm',
       to_json(ARRAY(SELECT unnest(c.reloptions) ORDER BY 1))::text
FROM pg_class c
WHERE c.relnamespace = %(schema)s::regnamespace
  AND c.relkind IN ('v', 'm')
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname

-- sequences --
SELECT t.relname, a.attname, s.nspname, c.relname, q.seqincrement
FROM pg_sequence q
JOIN pg_class c ON c.oid = q.seqrelid
JOIN pg_namespace s ON s.oid = c.relnamespace
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
                AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE t.relnamespace = %(schema)s::regnamespace
ORDER BY t.relname, a.attnum, c.relname
