from odoo.tools import SQL


def merge_rows(model, key, columns, only_new=()):
    """Insert rows and update those that are there, except where nothing differs.

    :param key: names of the columns of a unique index
    :param columns: name → values, as many of each; the columns of ``key`` included
    :param only_new: columns that stay as they are in rows that are there
    :return: number of rows written
    """
    if not columns or not len(next(iter(columns.values()))):
        return 0
    names = [*columns]
    others = [name for name in names if name not in {*key, *only_new}]
    table = SQL.identifier(model._table)
    model.env.cr.execute(
        SQL(
            """
            INSERT INTO %(table)s AS stored (%(names)s)
            SELECT * FROM unnest(%(arrays)s)
            ON CONFLICT (%(key)s) DO UPDATE SET %(updates)s
             WHERE (%(stored)s) IS DISTINCT FROM (%(incoming)s)
            """,
            table=table,
            names=_list(names),
            arrays=SQL(", ").join(
                SQL("%s::%s[]", values, SQL(model._fields[name].column_type[1]))
                for name, values in columns.items()
            ),
            key=_list(key),
            updates=SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), SQL.identifier("excluded", name))
                for name in others
            ),
            stored=_list(others, "stored"),
            incoming=_list(others, "excluded"),
        )
    )
    return model.env.cr.rowcount


def _list(names, table=None):
    prefix = (table,) if table else ()
    return SQL(", ").join(SQL.identifier(*prefix, name) for name in names)
