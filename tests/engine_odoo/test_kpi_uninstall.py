"""What stays in a database that all addons were uninstalled from."""

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

LEFT_BY_DEALS = """
    SELECT relname
      FROM pg_class
     WHERE relname ~ '^(agent|kpi_deal|kpi_commission)_'
     UNION
    SELECT proname
      FROM pg_proc
     WHERE proname ~ '^kpi_(deal|commission)_'
     UNION
    SELECT table_name || '.' || column_name
      FROM information_schema.columns
     WHERE column_name LIKE 'kpi\\_deal%'
     UNION
    SELECT model
      FROM ir_model
     WHERE model ~ '^kpi[.](deal|commission)[.]'
"""


def test_deals_can_leave_alone_and_their_log_stays(env):
    """The rest goes on: the log is whole, and KPIs are computed."""
    deal = env["kpi.deal"].create({"title": "Quay 7"})
    deal.pipeline_stage = "proposal"
    commission = env["kpi.commission"].create(
        {"deal_id": deal.id, "basis_amount": 100.0, "commission_rate": 0.1}
    )
    commission.action_confirm()
    env.cr.commit()
    module = env["ir.module.module"].search([("name", "=", "kpi_deal_pipeline")])
    module.button_immediate_uninstall()
    env.cr.execute(LEFT_BY_DEALS)
    assert env.cr.fetchall() == []
    env = env(context={})
    logs = env["kpi.audit.log"].search([("model", "=", "kpi.deal")])
    assert "deal_commission_confirmed" in logs.mapped("event_type")
    assert env["kpi.audit.log"]._verify() == []
    env["kpi.source"]._recompute_all()


def test_nothing_stays_after_uninstalling(env):
    env["kpi.source"]._recompute_all()
    # put aside by the upgrade from 18.1
    env.cr.execute("CREATE TABLE kpi_tracking_18_report (id serial PRIMARY KEY)")
    module = env["ir.module.module"].search([("name", "=", "kpi_base")])
    module.button_immediate_uninstall()
    env.cr.execute(LEFT_BEHIND)
    assert env.cr.fetchall() == []
