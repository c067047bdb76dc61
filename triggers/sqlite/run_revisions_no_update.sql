-- A review that was given is never rewritten.
CREATE TRIGGER run_revisions_no_update
BEFORE UPDATE ON run_revisions
BEGIN
    SELECT RAISE(ABORT, 'run_revisions is append-only');
END;
