"""Kinds of fields that Odoo lacks: a list of texts, and an answer not yet known."""

from odoo import fields
from odoo.tools import SQL


class TextList(fields.Char):
    """A list of texts in a column ``text[]``; in Odoo a text: “email, sms”.

    Imports, exports and screens see that text; a condition ``=`` or ``in`` finds the
    rows whose list holds the text, alone or among others, ``ilike`` those with one
    like it.
    """

    _column_type = ("_text", "text[]")

    def convert_to_column(self, value, record, values=None, validate=True):
        return split_texts(value) or None

    def convert_to_cache(self, value, record, validate=True):
        return ", ".join(split_texts(value)) or None

    def to_sql(self, model, alias):
        return SQL("array_to_string(%s, ', ')", super().to_sql(model, alias))

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        if operator not in ("in", "not in"):
            return super()._condition_to_sql(
                field_expr, operator, value, model, alias, query
            )
        found = SQL(
            "coalesce(string_to_array(%s, ', '), ARRAY['']) && %s",
            model._field_to_sql(alias, field_expr, query),
            [text or "" for text in value],  # nothing is a list of an empty text
        )
        return found if operator == "in" else SQL("NOT (%s)", found)

    def filter_function(self, records, field_expr, operator, value):
        if operator != "in":
            return super().filter_function(records, field_expr, operator, value)
        wanted = {text or "" for text in value}
        return lambda record: wanted & {*(split_texts(record[self.name]) or [""])}


class OptionalBoolean(fields.Boolean):
    """Yes, no, or not known yet: NULL in its column, False in Python."""

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if value is None else bool(value)

    def convert_to_cache(self, value, record, validate=True):
        return None if value is None else bool(value)


def split_texts(value):
    """Texts of a list, or of a text such as ``email, sms``; each once, in order."""
    texts = value.split(",") if isinstance(value, str) else value or []
    return list(dict.fromkeys(text for each in texts if (text := each.strip())))
