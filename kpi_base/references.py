"""A kind of many2one field for tables that are written by thousands of rows."""

from odoo import fields
from odoo.tools import SQL, sql


class StatementMany2one(fields.Many2one):
    """A reference that is checked once a statement and not row by row.

    A foreign key asks for each new row: that takes as long as writing it. Here all that
    a table refers to stands once in a table beside it, ``<table>_<column>_used``, which
    a trigger fills from the rows of a statement and which has the foreign key: so
    PostgreSQL refuses what is not there, and to delete what is used, also between
    transactions that do not see each other. What was used once stays used, but for
    ``forget_used``: ``ondelete`` is ``restrict``, and ``drop_checks`` takes all of it
    away with the addon::

        report_id = StatementMany2one("kpi.report", required=True, ondelete="restrict")
    """

    def update_db_foreign_key(self, model, column):
        target = model.env[self.comodel_name]._table
        if self.ondelete != "restrict":
            raise ValueError(f"{self}: only “restrict” can be checked by statements")
        cr = model.env.cr
        for name in sql.get_foreign_keys(
            cr, model._table, self.name, target, "id", self.ondelete
        ):
            sql.drop_constraint(cr, model._table, name)
        names = _names(model._table, self.name)
        if not sql.table_exists(cr, f"{model._table}_{self.name}_used"):
            cr.execute(SQL(_CREATE, target=SQL.identifier(target), **names))
        cr.execute(SQL(_CHECK, **names))


def drop_checks(cr, table, column):
    """Take away what checks a column, before its addon goes."""
    names = _names(table, column)
    cr.execute(SQL("DROP FUNCTION IF EXISTS %(check_name)s CASCADE", **names))
    cr.execute(SQL("DROP TABLE IF EXISTS %(used_name)s", **names))


def forget_used(cr, table, column, ids):
    """Forget that records were used, after all that refers to them was deleted.

    Nobody else may write such rows meanwhile: nothing checks them from here on.
    """
    used = _names(table, column)["used_name"]
    cr.execute("SET LOCAL kpi.forgets = 'on'")
    cr.execute(SQL("DELETE FROM %s WHERE id = ANY(%s)", used, ids))
    cr.execute("SET LOCAL kpi.forgets = 'off'")


def _names(table, column):
    names = {
        "table": table,
        "column": column,
        "used_name": f"{table}_{column}_used",
        "check_name": f"{table}_{column}_check",
        "update_name": f"{table}_{column}_check_update",
    }
    return {key: SQL.identifier(name) for key, name in names.items()}


# Who reads the table of what is used finds what the statement before has written.
_CREATE = """
    CREATE TABLE %(used_name)s (
        id integer PRIMARY KEY REFERENCES %(target)s ON DELETE RESTRICT);
    INSERT INTO %(used_name)s
    SELECT DISTINCT %(column)s FROM %(table)s WHERE %(column)s IS NOT NULL
"""
_CHECK = """
    CREATE OR REPLACE TRIGGER kpi_append_only
    BEFORE UPDATE OR DELETE ON %(used_name)s FOR EACH ROW
    WHEN (current_setting('kpi.forgets', TRUE) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION kpi_refuse_change();
    CREATE OR REPLACE FUNCTION %(check_name)s() RETURNS trigger AS $$
    BEGIN
        INSERT INTO %(used_name)s
        SELECT DISTINCT %(column)s FROM written WHERE %(column)s IS NOT NULL
            ON CONFLICT DO NOTHING;
        RETURN NULL;
    END
    $$ LANGUAGE plpgsql;
    CREATE OR REPLACE TRIGGER %(check_name)s
    AFTER INSERT ON %(table)s REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION %(check_name)s();
    CREATE OR REPLACE TRIGGER %(update_name)s
    AFTER UPDATE ON %(table)s REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION %(check_name)s()
"""
