"""Records that KPIs count, as a sentence names them."""

from typing import NamedTuple

from odoo.tools import SQL


class Source(NamedTuple):
    """A model that KPIs count.

    :param name: as people read it
    :param has_records: whether there are any, of whichever company
    """

    model: str
    name: str
    has_records: bool


def read_sources(env, models):
    """Model → ``Source``, of models that have a table, by two statements."""
    tables = [each for each in models if env[each]._auto and not env[each]._transient]
    if not tables:
        return {}
    # Names of models, and whether there are any records, are no secret.
    names = env["ir.model"].sudo().search_fetch([("model", "in", tables)], ["name"])
    known = {each.model: each.name for each in names}
    rows = env.execute_query(
        SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, EXISTS (SELECT 1 FROM %s)",
                model,
                SQL.identifier(env[model]._table),
            )
            for model in tables
        )
    )
    return {
        model: Source(model, known.get(model, model), has_any)
        for model, has_any in rows
    }
