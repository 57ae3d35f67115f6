-- Imports (3.2): what the worker writes of them itself. The lines it runs as the
-- administrator who has sent them (rules.act_as_importer).
grant update (lines, at_line, created, updated, unchanged, failed, started_at) on casework.imports to casework_worker;
grant select (bytes) on casework.import_parts to casework_worker;
grant insert on casework.import_lines to casework_worker;
