import importlib.util
import re

GROUPS = ("user", "manager", "admin")
# Odoo 18 wrote "18.1.0" of a manifest down as "18.0.18.1.0"
PREDECESSOR = re.compile(r"(18\.0\.)?18\.1(\.\d+)*")


def is_predecessor(version):
    """Return whether this is a version of kpi_tracking whose KPIs are taken over."""
    return bool(PREDECESSOR.fullmatch(version or ""))


def pre_init_hook(env):
    """Take over the groups of the predecessor, with everybody who is in them.

    An update of its kpi_tracking 18.1 installs this addon first: groups made anew here
    would be empty, and the old ones would go with their members.
    """
    _refuse_other_predecessor(env)
    for name in GROUPS:
        env.cr.execute(
            """
            UPDATE ir_model_data
               SET module = 'kpi_base', name = %s
             WHERE module = 'kpi_tracking' AND name = %s AND model = 'res.groups'
            """,
            (f"kpi_base_group_{name}", f"group_kpi_{name}"),
        )


def _refuse_other_predecessor(env):
    """Refuse here what kpi_tracking would refuse later: nothing is changed yet."""
    env.cr.execute(
        """
        SELECT module.latest_version
          FROM ir_module_module AS module
          JOIN pg_attribute AS attribute
            ON attribute.attrelid = to_regclass('kpi_report')
           AND attribute.attname = 'kpi_type'
           AND NOT attribute.attisdropped
         WHERE module.name = 'kpi_tracking'
        """
    )
    for (version,) in env.cr.fetchall():
        if not is_predecessor(version):
            raise RuntimeError(
                f"This database has KPIs of kpi_tracking {version}; only those of 18.1"
                " can be taken over. Nothing was changed: update the database to 18.1"
                " first."
            )
        if not importlib.util.find_spec("openupgradelib"):
            raise RuntimeError(
                "Taking over the KPIs of kpi_tracking 18.1 needs the Python package"
                " openupgradelib. Nothing was changed: run pip install openupgradelib,"
                " then update again."
            )


def uninstall_hook(env):
    """Save the audit log, and drop what belongs to no model and so would stay."""
    _export_audit_log(env)
    env.cr.execute(
        """
        DROP TABLE IF EXISTS kpi_api_counter, kpi_api_use, kpi_api_idempotency;
        DROP TABLE IF EXISTS kpi_claim, kpi_secret;
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
