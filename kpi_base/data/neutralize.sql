-- a copy of a database takes and sends nothing in the name of the original
UPDATE kpi_api_key
   SET revoked_at = now() AT TIME ZONE 'UTC'
 WHERE revoked_at IS NULL;

-- links are made of the secret: what one database makes opens nothing in the other
UPDATE ir_config_parameter
   SET value = gen_random_uuid()::text
 WHERE key = 'database.secret';

UPDATE kpi_approval_link
   SET revoked_at = now() AT TIME ZONE 'UTC'
 WHERE revoked_at IS NULL;

DELETE FROM ir_config_parameter
 WHERE key IN ('kpi_base.api_global_keys', 'kpi_base.outgoing_hosts');

DELETE FROM kpi_secret;

UPDATE kpi_delivery
   SET state = 'skipped',
       claimed_until = NULL,
       last_error = 'This is a neutralized copy of the database.'
 WHERE state = 'waiting';
