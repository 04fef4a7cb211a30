"""What years of use leave in a database of 18.1, on top of ``old_database``."""

ANN, BO, ADMIN = 901, 902, 2
KPIS = """
    INSERT INTO kpi_report
           (id, name, report_id, kpi_type, target_type, target_value, kpi_direction,
            source_model, filter_field, filter_type, formula_field, create_uid,
            create_date)
    VALUES (20, '  ', NULL, 'manual', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2,
            '2025-01-05'),
           (21, E'Two\nlines', 1, 'manual', 'number', 1, NULL, NULL, NULL, NULL, NULL,
            2, '2025-01-05'),
           (22, 'Unreadable', NULL, 'auto', 'number', 1, NULL, 'res.partner',
            'create_date', 'this_month', 'records.unlink()', 2, '2025-01-05'),
           (23, 'Too Deep', NULL, 'auto', 'number', 1, NULL, 'res.partner',
            'create_date', 'this_month', 'count_b' || repeat(' + count_b', 900), 2,
            '2025-01-05'),
           (24, 'Everywhere', 1, 'auto', 'number', 1, NULL, 'res.partner',
            'create_date', 'this_month', 'count_a', 2, '2025-01-05');
    INSERT INTO kpi_report_res_users_rel
    VALUES (21, 901), (21, 903), (22, 901), (22, 902), (24, 901);
    INSERT INTO kpi_report_submission (kpi_id, date, value, create_date)
    VALUES (3, '2025-08-01', 3.5, '2025-08-01');
    INSERT INTO mail_followers (res_model, res_id, partner_id)
    SELECT 'kpi.report', 22, partner_id FROM res_users WHERE id IN (2, 901)
"""
EXTERNAL_IDS = (  # module, name, model, id, whether updates leave it alone
    ("__import__", "complaints", "kpi.report", 2),
    ("kpi_tracking", "demo_visits", "kpi.report", 1),
    ("__export__", "sales", "kpi.report.group", 1),
)
MADE_BY_HAND = """
    INSERT INTO ir_ui_view
           (name, model, type, mode, priority, active, inherit_id, arch_db)
    SELECT 'extended by hand', 'kpi.report', 'list', 'extension', 16, TRUE, id,
           '{"en_US": "<field name=\\"kpi_type\\" position=\\"replace\\"/>"}'
      FROM ir_ui_view WHERE name = 'kpi.report.list';
    INSERT INTO ir_ui_view (name, model, type, mode, priority, active, arch_db)
    VALUES ('made by hand', 'kpi.report', 'list', 'primary', 1, TRUE,
            '{"en_US": "<list><field name=\\"kpi_type\\"/></list>"}');
    INSERT INTO ir_rule (name, model_id, domain_force, active, global, perm_read)
    SELECT 'made by hand', id, '[(''kpi_type'', ''='', ''manual'')]', TRUE, TRUE, TRUE
      FROM ir_model WHERE model = 'kpi.report';
    INSERT INTO ir_model_access
           (name, model_id, active, perm_read, perm_write, perm_create, perm_unlink)
    SELECT 'made by hand', id, TRUE, TRUE, TRUE, TRUE, TRUE
      FROM ir_model WHERE model = 'kpi.report.group';
    UPDATE ir_act_server SET model_id = model.id
      FROM ir_model AS model
     WHERE model.model = 'kpi.report' AND ir_act_server.name->>'en_US' = 'made by hand'
"""


def wear(env):
    """Odd rows, and what administrators made by hand for 18.1."""
    dora = _dora(env)
    _screens(env)
    env.flush_all()
    env.cr.execute(KPIS)
    env.cr.execute("INSERT INTO kpi_report_res_users_rel VALUES (24, %s)", (dora.id,))
    for row in EXTERNAL_IDS:
        env.cr.execute(
            """
            INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
            VALUES (%s, %s, %s, %s, FALSE)
            """,
            row,
        )
    env.cr.execute(MADE_BY_HAND)
    env.cr.commit()


def _dora(env):
    """A user of a second company."""
    company = env["res.company"].create({"name": "Second"})
    companies = {"company_id": company.id, "company_ids": company.ids}
    return env["res.users"].create({"name": "Dora", "login": "dora", **companies})


def _screens(env):
    """A home screen and a menu of 18.1, with a menu made by hand, and a daily job."""
    partners = {"res_model": "res.partner", "view_mode": "list"}
    action = env["ir.actions.act_window"].create({"name": "KPIs", **partners})
    env.ref("base.user_admin").action_id = action.id
    menu = env["ir.ui.menu"].create({"name": "KPI Dashboard"})
    env["ir.ui.menu"].create({"name": "made by hand", "parent_id": menu.id})
    for name, record in (("action_kpi_report", action), ("menu_kpi_root", menu)):
        env["ir.model.data"].create(
            {
                "module": "kpi_tracking",
                "name": name,
                "model": record._name,
                "res_id": record.id,
            }
        )
    env["ir.cron"].create(
        {
            "name": "made by hand",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "code": "model.scheduled_update_kpis()",
        }
    )
