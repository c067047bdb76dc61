-- A review that was given is never taken away. INSERT OR REPLACE deletes, and fires this one, only
-- under PRAGMA recursive_triggers = ON, which statelayer sets on every connection.
CREATE TRIGGER run_revisions_no_delete
BEFORE DELETE ON run_revisions
BEGIN
    SELECT RAISE(ABORT, 'run_revisions is append-only');
END;
