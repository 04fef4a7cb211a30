from odoo.tools import SQL


def uninstall_hook(env):
    """Keep the audit log, and take away what is no model, and so would stay."""
    _export_audit_log(env)
    # Odoo would leave entries of the menu that users have made of dashboards.
    env["kpi.dashboard"].with_context(active_test=False).search([])._remove_menus()
    env.cr.execute(
        """
        DROP TABLE IF EXISTS kpi_source_fingerprint;
        DROP TABLE IF EXISTS kpi_api_counter, kpi_api_use, kpi_api_idempotency;
        DROP FUNCTION IF EXISTS kpi_refuse_change CASCADE;
        DROP AGGREGATE IF EXISTS kpi_audit_chain(varchar, text);
        DROP FUNCTION IF EXISTS kpi_audit_link(varchar, varchar, text)
        """
    )
    _drop_predecessor(env)


def _drop_predecessor(env):
    """Take away the tables that the upgrade from 18.1 had put aside."""
    env.cr.execute(
        r"""
        SELECT relname FROM pg_class
         WHERE relkind = 'r'
           AND relname LIKE 'kpi\_tracking\_18\_%'
           AND relnamespace = current_schema::regnamespace
        """
    )
    for (table,) in env.cr.fetchall():
        env.cr.execute(SQL("DROP TABLE %s CASCADE", SQL.identifier(table)))


def _export_audit_log(env):
    """Leave the log as a file that needs nothing of this addon to be verified."""
    log = env["kpi.audit.log"]
    total = log.search_count([])
    if total:
        env["ir.attachment"].create(
            {
                "name": f"audit-log-{total}.jsonl.gz",
                "raw": b"".join(log._exported()),
                "mimetype": "application/gzip",
            }
        )
