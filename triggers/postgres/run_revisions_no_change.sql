-- ENABLE ALWAYS: it fires in a session whose session_replication_role is replica, too.
CREATE TRIGGER run_revisions_no_change
BEFORE UPDATE OR DELETE ON run_revisions
FOR EACH ROW EXECUTE FUNCTION run_revisions_refuse();

ALTER TABLE run_revisions ENABLE ALWAYS TRIGGER run_revisions_no_change;
