def uninstall_hook(env):
    """Take away what is no model, and so would stay: a table and a function."""
    env.cr.execute(
        """
        DROP TABLE IF EXISTS kpi_source_fingerprint;
        DROP FUNCTION IF EXISTS kpi_refuse_change CASCADE
        """
    )
