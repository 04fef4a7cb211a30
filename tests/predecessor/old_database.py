"""A database in which kpi_tracking 18.1 is installed, as far as tables tell."""

from pathlib import Path

OLD_VERSION = "18.0.18.1.0"  # how Odoo 18 wrote down 18.1.0
TABLES = Path(__file__).with_name("old_tables.sql")
MODELS = (
    "kpi.report",
    "kpi.report.group",
    "kpi.report.submission",
    "kpi.report.group.submission",
)
DOCUMENTS = (  # model, id, text of its message
    ("kpi.report", 1, "Discussed for two"),
    ("kpi.report", 2, "Discussed for one"),
    ("kpi.report", 8, "Discussed, not computed"),
    ("kpi.report.group", 1, "Discussed for the team"),
    ("kpi.report.submission", 2, "Asked back"),
    ("kpi.report.group.submission", 1, "Remarked"),
    ("kpi.report", 77, "Of a KPI deleted long ago"),
)


def install_predecessor(env):
    """People, tables, groups and documents of 18.1, as an old database has them."""
    _people(env)
    env.cr.execute(TABLES.read_text())
    _module(env)
    _groups(env)
    _screens(env)
    _documents(env)
    env.cr.commit()


def _people(env):
    """Ann, Bo and Cy, users and employees 901 to 903; Cy has left."""
    for table in ("res_users", "hr_employee"):
        env.cr.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), 900)", (table,))
    for name in ("Ann", "Bo", "Cy"):
        user = env["res.users"].create({"name": name, "login": name.lower()})
        env["hr.employee"].create({"name": name, "user_id": user.id})
    user.active = False
    env.flush_all()


def _module(env):
    env.cr.execute(
        """
        UPDATE ir_module_module SET state = 'installed', latest_version = %s
         WHERE name = 'kpi_tracking'
        """,
        (OLD_VERSION,),
    )
    for model in MODELS:
        env.cr.execute(
            """
            INSERT INTO ir_model (model, name, state, "order")
            VALUES (%s, jsonb_build_object('en_US', %s::text), 'base', 'id')
              RETURNING id
            """,
            (model, model),
        )
        _name(env, f"model_{model.replace('.', '_')}", "ir.model", _returned(env))
    for field in ("name", "assigned_user_ids", "priority_weight"):
        env.cr.execute(
            """
            INSERT INTO ir_model_fields
                   (name, model, model_id, field_description, ttype, state)
            SELECT %s, model, id, jsonb_build_object('en_US', %s::text), %s, 'base'
              FROM ir_model WHERE model = 'kpi.report' RETURNING id
            """,
            (field, field, "many2many" if field.endswith("ids") else "char"),
        )
        _name(env, f"field_kpi_report__{field}", "ir.model.fields", _returned(env))


def _groups(env):
    for name, user_id in (("user", 901), ("manager", 902), ("admin", 2)):
        env.cr.execute(
            """
            INSERT INTO res_groups (name)
            VALUES (jsonb_build_object('en_US', %s::text)) RETURNING id
            """,
            (f"KPI {name}",),
        )
        group_id = _returned(env)
        _name(env, f"group_kpi_{name}", "res.groups", group_id)
        env.cr.execute(
            "INSERT INTO res_groups_users_rel (gid, uid) VALUES (%s, %s)",
            (group_id, user_id),
        )


def _screens(env):
    """A view and a rule over fields that are no more."""
    env.cr.execute(
        """
        INSERT INTO ir_ui_view (name, model, type, mode, priority, active, arch_db)
        VALUES ('kpi.report.list', 'kpi.report', 'list', 'primary', 16, TRUE,
                '{"en_US": "<list><field name=\\"kpi_type\\"/></list>"}')
          RETURNING id
        """
    )
    _name(env, "view_kpi_list", "ir.ui.view", _returned(env))
    env.cr.execute(
        """
        INSERT INTO ir_rule (name, model_id, domain_force, active, global)
        SELECT 'Own', id, '[(''assigned_user_ids'', ''in'', [user.id])]', TRUE, TRUE
          FROM ir_model WHERE model = 'kpi.report' RETURNING id
        """
    )
    _name(env, "rule_kpi_user_own_kpis", "ir.rule", _returned(env))
    env.cr.execute(
        "INSERT INTO ir_filters (name, model_id, domain, context, sort, active)"
        " VALUES ('Mine', 'kpi.report', '[(''kpi_type'', ''='', ''auto'')]', '{}',"
        " '[]', TRUE)"
    )


def _documents(env):
    """A message, follower, activity and file on each of ``DOCUMENTS``."""
    for model, res_id, text in DOCUMENTS:
        env.cr.execute(
            """
            INSERT INTO mail_message
                   (model, res_id, body, message_type, date, author_id)
            VALUES (%s, %s, %s, 'comment', '2025-06-01', 3)
            """,
            (model, res_id, f"<p>{text}</p>"),
        )
        env.cr.execute(
            "INSERT INTO mail_followers (res_model, res_id, partner_id)"
            " VALUES (%s, %s, 3)",
            (model, res_id),
        )
        env.cr.execute(
            """
            INSERT INTO mail_activity
                   (res_model, res_model_id, res_id, summary, date_deadline, user_id,
                    active)
            SELECT model, id, %s, %s, '2030-01-01', 2, TRUE
              FROM ir_model WHERE model = %s
            """,
            (res_id, text, model),
        )
        env.cr.execute(
            """
            INSERT INTO ir_attachment (name, res_model, res_id, type, db_datas)
            VALUES (%s, %s, %s, 'binary', 'x')
            """,
            (text, model, res_id),
        )


def _returned(env):
    return env.cr.fetchone()[0]


def _name(env, name, model, res_id):
    env.cr.execute(
        """
        INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
        VALUES ('kpi_tracking', %s, %s, %s, FALSE)
        """,
        (name, model, res_id),
    )
