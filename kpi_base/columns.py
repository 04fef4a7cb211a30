"""Columns as queries from outside know them: what they may hold, and by which names."""

import re

from odoo import models
from odoo.tools import SQL, sql

QUOTED = re.compile(r"'([^']*)'")


class Choices(models.Constraint):
    """CHECK that a column holds one of the choices of its field, or nothing.

    ::

        status = fields.Selection([("open", "Open"), ("won", "Won")])
        _status_choices = Choices("status")

    Odoo looks at writes that pass it, this at all. Choices that other addons add are
    allowed as soon as they are there, and stay so: while the addon of the model is
    loaded, they are not yet known again.
    """

    def __init__(self, field):
        super().__init__("")
        self._field = field

    # pylint: disable-next=missing-return  # Python expects nothing
    def __set_name__(self, owner, name):
        super().__set_name__(owner, name)
        self._owner = owner

    def get_definition(self, registry):
        keys = "', '".join(self._list_keys(registry))
        return f"CHECK ({self._field} IN ('{keys}'))"

    # pylint: disable-next=missing-return  # Odoo's returns nothing
    def apply_to_database(self, model):
        name = self.full_name(model)
        current = sql.constraint_definition(model.env.cr, model._table, name) or ""
        if not set(self._list_keys(model.pool)) <= set(QUOTED.findall(current)):
            super().apply_to_database(model)

    def _list_keys(self, registry):
        field = registry[self._owner._name]._fields[self._field]
        return [key for key, _label in field.selection]


def add_generated_columns(env, table, **columns):
    """Give a table further columns that always hold what others do.

    :param columns: name → column that it is generated from
    """
    for name, source in columns.items():
        kind = sql.table_columns(env.cr, table)[source]["udt_name"]
        env.cr.execute(
            SQL(
                "ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s %s"
                " GENERATED ALWAYS AS (%s) STORED",
                SQL.identifier(table),
                SQL.identifier(name),
                SQL.identifier(kind),
                SQL.identifier(source),
            )
        )
