-- whoever reads the original reads no copy, and is sent no file of one
UPDATE kpi_bi_connector
   SET active = false
 WHERE connector_type = 'odbc'
    OR sftp_host IS NOT NULL;

DO $$ BEGIN
    IF to_regclass('kpi_bi.allowed') IS NOT NULL THEN
        DELETE FROM kpi_bi.allowed;
    END IF;
END $$;

DO $$ BEGIN
    IF to_regclass('kpi_oauth_token') IS NOT NULL THEN
        DELETE FROM kpi_oauth_token;
    END IF;
END $$;
