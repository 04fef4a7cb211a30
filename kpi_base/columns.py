"""Columns as queries from outside know them: what they may hold, and by which names."""

import re

from odoo import models
from odoo.tools import SQL, sql

from .engine.field_paths import FieldRenaming

QUOTED = re.compile(r"'([^']*)'")
MODEL_OF_ID = "(SELECT model FROM ir_model WHERE id = stored.model_id)"
METHOD_PATHS = (
    "domain numerator_domain date_field date_to_field measure_field factor_field"
    " weight_field duration_from_field duration_to_field company_field"
    " department_field team_field user_field key"
).split()
# Table, SQL of the model that its texts are about, columns with domains, contexts or
# paths. Those of the addons above as well: they are loaded after a field was renamed.
STORED_PATHS = (
    ("ir_filters", "model_id", ("domain", "context", "sort")),
    (
        "ir_exports_line",
        "(SELECT resource FROM ir_exports WHERE id = stored.export_id)",
        ("name",),
    ),
    ("ir_act_window", "res_model", ("domain", "context")),
    ("ir_rule", MODEL_OF_ID, ("domain_force",)),
    ("ir_model_fields", "model", ("related", "depends")),
    ("ir_model_fields", "relation", ("domain",)),
    ("ir_act_server", MODEL_OF_ID, ("update_path",)),
    (
        "ir_embedded_actions",
        "(SELECT res_model FROM ir_act_window WHERE id = stored.action_id)",
        ("domain", "context"),
    ),
    ("base_automation", MODEL_OF_ID, ("filter_domain", "filter_pre_domain")),
    ("kpi_approval_workflow", "model", ("domain",)),
    ("kpi_definition", "model_name", METHOD_PATHS),
    ("kpi_definition_version", "model_name", METHOD_PATHS),
    ("kpi_source", "model_name", METHOD_PATHS),
    (
        "kpi_definition_breakdown",
        "(SELECT model_name FROM kpi_definition WHERE id = stored.definition_id)",
        ("field_path",),
    ),
    (
        "kpi_measurement_breakdown",
        "(SELECT kpi.model_name FROM kpi_report report"
        " JOIN kpi_definition kpi ON kpi.id = report.definition_id"
        " WHERE report.id = stored.report_id)",
        ("field_path",),
    ),
    (
        "kpi_tracking_rule",
        "CASE scope_type WHEN 'department' THEN 'hr.department'"
        " WHEN 'team' THEN 'kpi.team' ELSE 'res.users' END",
        ("domain",),
    ),
    ("kpi_dashboard_tile", "view_model", ("view_domain", "view_context")),
    (
        "kpi_dashboard_tile",
        "(SELECT min(kpi.model_name) FROM kpi_definition kpi WHERE kpi.id IN ("
        "SELECT kpi_definition_id FROM kpi_dashboard_tile_definition_rel"
        " WHERE kpi_dashboard_tile_id = stored.id"
        " UNION SELECT report.definition_id FROM kpi_dashboard_tile_report_rel link"
        " JOIN kpi_report report ON report.id = link.kpi_report_id"
        " WHERE link.kpi_dashboard_tile_id = stored.id))",
        ("breakdown",),
    ),
)


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
        return self._check(self._list_keys(registry))

    # pylint: disable-next=missing-return  # Odoo's returns nothing
    def apply_to_database(self, model):
        cr, table, name = model.env.cr, model._table, self.full_name(model)
        current = sql.constraint_definition(cr, table, name) or ""
        allowed = QUOTED.findall(current)
        added = [key for key in self._list_keys(model.pool) if key not in allowed]
        if not added:
            return
        if current:
            sql.drop_constraint(cr, table, name)
        check = self._check([*allowed, *added])
        model.pool.post_constraint(
            cr, lambda cr: sql.add_constraint(cr, table, name, check), name
        )

    def _check(self, keys):
        allowed = "', '".join(keys)
        return f"CHECK ({self._field} IN ('{allowed}'))"

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
    """Rename a field, with its column if it is stored, before its addon is updated.

    What people saved follows, see ``STORED_PATHS``, also where a path leads to the
    field from elsewhere, as ``value_ids.judged_at`` does.

    :param model: name of the model, such as ``kpi.report``
    """
    cr.execute(
        "SELECT model, name, relation FROM ir_model_fields WHERE relation IS NOT NULL"
    )
    relations = {(start, name): end for start, name, end in cr.fetchall()}
    cr.execute(
        "UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s",
        [new, model, old],
    )
    if not cr.rowcount:
        return
    table = model.replace(".", "_")
    if sql.column_exists(cr, table, old):
        sql.rename_column(cr, table, old, new)
    # what knows the field by its external id, such as its selection
    cr.execute(
        """
        UPDATE ir_model_data SET name = replace(name, %(id)s, %(new_id)s)
         WHERE model IN ('ir.model.fields', 'ir.model.fields.selection')
           AND (name = 'field_' || %(id)s OR name ^@ ('selection__' || %(id)s || '__'))
        """,
        {"id": f"{table}__{old}", "new_id": f"{table}__{new}"},
    )
    renaming = FieldRenaming(model, old, new, relations)
    for place in STORED_PATHS:
        if sql.table_exists(cr, place[0]):
            _rename_stored_paths(cr, renaming, *place)


def _rename_stored_paths(cr, renaming, table, model, columns):
    """Rename the paths in some columns of a table.

    :param model: SQL of the model that the texts of a row are about
    """
    present = sql.table_columns(cr, table)
    for column in filter(present.__contains__, columns):
        cr.execute(
            SQL(
                "SELECT id, %s, %s FROM %s AS stored WHERE %s ~ %s",
                SQL.identifier("stored", column),
                SQL(model),
                SQL.identifier(table),
                SQL.identifier("stored", column),
                rf"\m{renaming.old}\M",
            )
        )
        for record_id, text, start in cr.fetchall():
            renamed = renaming.rename_in_text(text, start)
            if renamed != text:
                cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id = %s",
                        SQL.identifier(table),
                        SQL.identifier(column),
                        renamed,
                        record_id,
                    )
                )
