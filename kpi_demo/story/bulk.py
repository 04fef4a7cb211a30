"""Thousands of rows in one statement, each a copy of a record that the ORM made."""

import json
from datetime import date

from odoo.tools import SQL


def insert_copies(pattern, rows: list[dict]) -> list[int]:
    """Insert copies of the row of ``pattern`` that differ in some columns.

    What the pattern got from defaults and computations, columns of other apps
    included, is retained where a row does not say otherwise. The caller gives every
    stored value that depends on what it changes.

    :param pattern: one record, stored
    :param rows: column name → value of each copy
    :return: ids of the copies, in the order of ``rows``
    """
    pattern.ensure_one()
    if not rows:
        return []
    env = pattern.env
    env.flush_all()
    ids = _next_ids(env, pattern._table, len(rows))
    copies = [{**row, "id": new_id} for row, new_id in zip(rows, ids, strict=True)]
    env.cr.execute(
        SQL(
            """
            INSERT INTO %(table)s
            SELECT copy.*
              FROM %(table)s AS pattern
        CROSS JOIN LATERAL jsonb_populate_recordset(pattern, %(copies)s::jsonb) AS copy
             WHERE pattern.id = %(pattern_id)s
            """,
            table=SQL.identifier(pattern._table),
            copies=json.dumps(copies, default=_as_json),
            pattern_id=pattern.id,
        )
    )
    env.invalidate_all()
    return ids


def insert_links(env, table: str, links: dict[str, list[int]]):
    """Insert rows of ids into a many2many table: column name → ids."""
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT * FROM unnest(%s)",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, links)),
            SQL(", ").join(SQL("%s::int[]", ids) for ids in links.values()),
        )
    )
    env.invalidate_all()


def _next_ids(env, table, count):
    rows = env.execute_query(
        SQL(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id'))"
            " FROM generate_series(1, %s)",
            table,
            count,
        )
    )
    return [new_id for (new_id,) in rows]


def _as_json(value):
    if isinstance(value, date):  # datetimes are dates too
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be written into a column")
