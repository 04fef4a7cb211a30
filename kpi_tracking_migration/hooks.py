from odoo.tools import SQL


def uninstall_hook(env):
    """Drop the tables of the predecessor, which were put aside."""
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
