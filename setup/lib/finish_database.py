"""Run by ``odoo shell`` after an installation: what the first screen needs.

Reports demo data that could not be loaded, computes the KPIs, and lets the
administrator land on the KPI list, not below a chat that Odoo's bot opens.
"""


def check_demo_data(env):
    """Odoo swallows an addon's failing demo data and notes it in a table."""
    failures = env["ir.demo_failure"].search([])
    if failures:
        texts = [f"{f.module_id.name}: {f.error}" for f in failures]
        raise SystemExit("demo data could not be loaded\n" + "\n".join(texts))


def compute_kpis(env):
    """Fills every KPI now, so that nobody waits for the first scheduled run."""
    if "kpi.source" in env:
        env["kpi.source"]._recompute_all()


def set_home_action(env):
    """Without a home action the administrator lands in Discuss."""
    action = env.ref("kpi_tracking.kpi_home_action", raise_if_not_found=False)
    administrator = env.ref("base.user_admin")
    if action and not administrator.action_id:
        # the field points at the common parent of all kinds of actions
        administrator.action_id = action.id


def silence_bot(env):
    """On a phone the bot's greeting would cover the first screen."""
    users = env["res.users"].search([])
    if "odoobot_state" in users._fields:
        users.odoobot_state = "disabled"


# the shell runs this file with `env` among its globals, and rolls back at its end
shell_env = globals()["env"]
check_demo_data(shell_env)
compute_kpis(shell_env)
set_home_action(shell_env)
silence_bot(shell_env)
shell_env.cr.commit()
