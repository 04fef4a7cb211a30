-- a copy of a database asks no other system
UPDATE kpi_integration
   SET sync_status = 'disabled', next_sync_at = NULL;

-- and is told nothing
UPDATE kpi_hook
   SET active = FALSE;
