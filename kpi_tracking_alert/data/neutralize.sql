-- a copy of a database tells other systems nothing
UPDATE kpi_webhook
   SET state = 'off';
