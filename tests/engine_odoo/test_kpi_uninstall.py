"""What stays in a database that the engine was uninstalled from."""

LEFT_BEHIND = """
    SELECT relname
      FROM pg_class
     WHERE relname ~ '^(kpi|agent|audit)_'
     UNION
    SELECT proname
      FROM pg_proc
     WHERE proname LIKE 'kpi\\_%'
     UNION
    SELECT table_name || '.' || column_name
      FROM information_schema.columns
     WHERE column_name LIKE 'kpi\\_%'
       AND table_name <> 'digest_digest'  -- Odoo calls its figures so too
"""


def test_nothing_stays_after_uninstalling(env):
    env["kpi.source"]._recompute_all()
    # put aside by the upgrade from 18.1
    env.cr.execute("CREATE TABLE kpi_tracking_18_report (id serial PRIMARY KEY)")
    module = env["ir.module.module"].search([("name", "=", "kpi_tracking")])
    module.button_immediate_uninstall()
    env.cr.execute(LEFT_BEHIND)
    assert env.cr.fetchall() == []
