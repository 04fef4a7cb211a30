-- links of the original open nothing in a copy, and nothing is mailed
UPDATE kpi_dashboard_share
   SET revoked_at = now() AT TIME ZONE 'UTC'
 WHERE revoked_at IS NULL;

UPDATE kpi_dashboard_schedule
   SET active = false;
