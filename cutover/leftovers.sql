-- invalid --
SELECT index.relname, bearer.relname
FROM pg_index
JOIN pg_class AS index ON index.oid = pg_index.indexrelid AND index.relkind = 'i'
JOIN pg_class AS bearer ON bearer.oid = pg_index.indrelid
WHERE NOT pg_index.indisvalid
    AND index.relnamespace = to_regnamespace(quote_ident(%(schema)s))
    AND NOT EXISTS (
        SELECT FROM pg_stat_progress_create_index AS progress
        WHERE progress.index_relid = index.oid AND progress.datid = (
            SELECT oid FROM pg_database WHERE datname = current_database()
        )
    )
ORDER BY 1
