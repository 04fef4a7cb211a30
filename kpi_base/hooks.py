import importlib

from odoo.tools.sql import column_exists


def pre_init_hook(env):
    """Begin to take over kpi_tracking 18.1, whose update installs this addon first."""
    if column_exists(env.cr, "kpi_report", "kpi_type"):
        find_migration(env.cr).begin(env.cr)


def find_migration(cr):
    """Return the module that takes over the KPIs of a kpi_tracking before this one.

    :raises RuntimeError: the addon, or the package that it needs, is not there
    """
    try:
        return importlib.import_module("odoo.addons.kpi_tracking_migration.takeover")
    except ModuleNotFoundError as error:
        cr.execute(
            "SELECT latest_version FROM ir_module_module WHERE name = 'kpi_tracking'"
        )
        raise RuntimeError(
            f"Taking over the KPIs of kpi_tracking {cr.fetchone()[0]} needs the addon"
            " kpi_tracking_migration and the Python package openupgradelib; there is"
            f" no {error.name}. Nothing was changed: put it in its place, then update"
            " again."
        ) from error


def uninstall_hook(env):
    """Save the audit log, and drop what belongs to no model and so would stay."""
    _export_audit_log(env)
    env.cr.execute(
        """
        DROP TABLE IF EXISTS kpi_api_counter, kpi_api_use, kpi_api_idempotency;
        DROP TABLE IF EXISTS kpi_claim, kpi_secret, kpi_server;
        DROP FUNCTION IF EXISTS kpi_refuse_change CASCADE;
        DROP AGGREGATE IF EXISTS kpi_audit_chain(varchar, text);
        DROP FUNCTION IF EXISTS kpi_audit_link(varchar, varchar, text)
        """
    )


def _export_audit_log(env):
    """Leave the log as a file that needs nothing of this addon to be verified."""
    log = env["kpi.audit.log"]
    total = log.search_count([])
    if total:
        env["ir.attachment"].create(
            {
                "name": f"audit-log-{total}.jsonl.gz",
                "raw": b"".join(log._export_log()),
                "mimetype": "application/gzip",
            }
        )
