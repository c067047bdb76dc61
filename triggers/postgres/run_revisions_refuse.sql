-- Refuses whatever it is called for. The SQLSTATE is of the integrity class, as RAISE(ABORT) is in
-- SQLite, so that an application catches the same IntegrityError on either provider.
CREATE FUNCTION run_revisions_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'run_revisions is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
