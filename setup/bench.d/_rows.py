"""Rows by the thousands: one INSERT for each table, of what a SELECT names."""

from typing import Any

from odoo.tools import SQL

SILENT = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
    "tracking_disable": True,
}
LOGGED = {"create_uid": "1", "write_uid": "1", "create_date": "now()"}
LOGGED["write_date"] = "now()"


def insert(env: Any, table: str, query: str, **values: Any) -> None:
    """Fills the columns of a table that a query names, and who made a row and when.

    :param values: what stands in the query as ``%(name)s``
    """
    made = SQL(query, **values)
    env.cr.execute(SQL("%s LIMIT 0", made))
    columns = {column.name: f"made.{column.name}" for column in env.cr.description}
    env.cr.execute(SQL("SELECT * FROM %s LIMIT 0", SQL.identifier(table)))
    known = {column.name for column in env.cr.description}
    columns = {**{k: v for k, v in LOGGED.items() if k in known}, **columns}
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM (%s) AS made",
            SQL.identifier(table),
            SQL(", ".join(columns)),
            SQL(", ".join(columns.values())),
            made,
        )
    )
    if "id" in columns:
        sequence = f"{table}_id_seq"
        env.cr.execute(
            SQL("SELECT setval(%s, max(id)) FROM %s", sequence, SQL.identifier(table))
        )


def copied(table: str, original: str, numbers: str, changed: str) -> str:
    """SQL of rows like one, whose id is named ``original``.

    :param numbers: what they are made for: a table with a column ``number``
    :param changed: names and values of what differs, as arguments of SQL
    """
    return f"""
        SELECT copied.*
          FROM {numbers}
          JOIN {table} AS original ON original.id = %({original})s
    CROSS JOIN LATERAL jsonb_populate_record(
                   original, jsonb_build_object({changed})) AS copied
    """
