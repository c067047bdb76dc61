-- TRUNCATE fires no row trigger: without this one the whole history goes in one statement.
CREATE TRIGGER run_revisions_no_truncate
BEFORE TRUNCATE ON run_revisions
FOR EACH STATEMENT EXECUTE FUNCTION run_revisions_refuse();

ALTER TABLE run_revisions ENABLE ALWAYS TRIGGER run_revisions_no_truncate;
