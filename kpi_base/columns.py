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


def rename_field(cr, model, old, new):
    """Rename a stored field with its column, before its addon is updated.

    Filters, groupings and sortings that people saved, and lists of exported fields,
    follow.

    :param model: name of the model, such as ``kpi.report``
    """
    table = model.replace(".", "_")
    if not sql.column_exists(cr, table, old):
        return
    sql.rename_column(cr, table, old, new)
    named = {"model": model, "old": old, "new": new, "word": rf"\m{old}\M"}
    cr.execute(
        "UPDATE ir_model_fields SET name = %(new)s"
        " WHERE model = %(model)s AND name = %(old)s",
        named,
    )
    # what knows the field by its external id, such as its selection
    cr.execute(
        """
        UPDATE ir_model_data SET name = replace(name, %(id)s, %(new_id)s)
         WHERE model IN ('ir.model.fields', 'ir.model.fields.selection')
           AND (name = 'field_' || %(id)s OR name ^@ ('selection__' || %(id)s || '__'))
        """,
        {"id": f"{table}__{old}", "new_id": f"{table}__{new}"},
    )
    cr.execute(
        """
        UPDATE ir_filters
           SET domain = regexp_replace(domain, %(word)s, %(new)s, 'g'),
               context = regexp_replace(context, %(word)s, %(new)s, 'g'),
               sort = regexp_replace(sort, %(word)s, %(new)s, 'g')
         WHERE model_id = %(model)s
        """,
        named,
    )
    cr.execute(
        """
        UPDATE ir_exports_line line
           SET name = regexp_replace(line.name, %(word)s, %(new)s, 'g')
          FROM ir_exports export
         WHERE export.id = line.export_id AND export.resource = %(model)s
        """,
        named,
    )
