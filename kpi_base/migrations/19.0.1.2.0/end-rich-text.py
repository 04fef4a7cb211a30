"""Rich texts that people wrote before are sanitised as they would be now.

At the end of the update, when the models of all addons are known.
"""

from psycopg2.extras import Json

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import RichText

MAX_ROWS = 1000  # that are read at once


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for model in env.registry.values():
        for field in model._fields.values():
            # models that inherit another's by delegation have no column of their own
            if isinstance(field, RichText) and field.store and not model._abstract:
                _sanitize_column(env[model._name], field)


def _sanitize_column(model, field):
    column, table = SQL.identifier(field.name), SQL.identifier(model._table)
    last_id = 0
    while rows := model.env.execute_query(
        SQL(
            "SELECT id, %(column)s FROM %(table)s"
            " WHERE id > %(last_id)s AND %(column)s IS NOT NULL"
            " ORDER BY id LIMIT %(count)s",
            column=column,
            table=table,
            last_id=last_id,
            count=MAX_ROWS,
        )
    ):
        for row_id, stored in rows:
            sanitized = _sanitize(model, field, stored)
            if sanitized != stored:
                value = Json(sanitized) if field.translate else sanitized
                model.env.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id = %s",
                        table,
                        column,
                        value,
                        row_id,
                    )
                )
        last_id = rows[-1][0]


def _sanitize(model, field, stored):
    """A text, or one for each language, as the field stores it now."""
    if not field.translate:
        return str(field.convert_to_cache(stored, model))
    return {
        lang: str(field.convert_to_cache(text, model)) for lang, text in stored.items()
    }
