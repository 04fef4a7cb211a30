-- whoever reads the original reads no copy
UPDATE kpi_bi_connector
   SET active = false
 WHERE connector_type = 'odbc';

DO $$ BEGIN
    IF to_regclass('kpi_bi.allowed') IS NOT NULL THEN
        DELETE FROM kpi_bi.allowed;
    END IF;
END $$;
