"""Kinds of fields that Odoo lacks: a list of texts, and an answer not yet known."""

import csv
import io

from odoo import fields
from odoo.tools import SQL


class TextList(fields.Field):
    """A list of texts in a column ``text[]``; in Odoo a text: “email, sms”.

    Imports, exports and screens see that text; a condition ``=`` or ``in`` finds the
    rows whose list holds the text, alone or among others, ``ilike`` those with one
    like it.
    """

    type = "char"
    _column_type = ("_text", "text[]")
    is_text = False
    falsy_value = ""

    def convert_to_column(self, value, record, values=None, validate=True):
        return split_texts(value) or None

    def convert_to_cache(self, value, record, validate=True):
        return join_texts(split_texts(value)) or None

    def convert_to_record(self, value, record):
        return join_texts(split_texts(value)) if value else False

    def convert_to_read(self, value, record, use_display_name=True):
        return self.convert_to_record(value, record)

    def convert_to_export(self, value, record):
        return self.convert_to_record(value, record) or ""

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        column = model._field_to_sql(alias, field_expr, query)
        if operator in ("in", "not in"):
            found = self._holds_any_sql(column, value)
            return found if operator == "in" else SQL("(%s) IS NOT TRUE", found)
        if operator.endswith("like"):
            column = SQL("array_to_string(%s, ', ')", column)
            is_negative = operator.startswith("not ")
            word = SQL("ILIKE") if operator.endswith("ilike") else SQL("LIKE")
            wanted = value if "=" in operator else f"%{value}%"
            found = SQL("%s %s %s", column, word, wanted)
            return SQL("(%s) IS NOT TRUE", found) if is_negative else found
        raise NotImplementedError(f"{self}: no condition {operator!r} on a list")

    def filter_function(self, records, field_expr, operator, value):
        if operator != "in":
            return super().filter_function(records, field_expr, operator, value)
        wanted, takes_none = self._split_wanted(value)
        return lambda record: (
            bool(wanted.intersection(split_texts(record[self.name])))
            or (takes_none and not record[self.name])
        )

    def _holds_any_sql(self, column, value):
        wanted, takes_none = self._split_wanted(value)
        found = SQL("coalesce(%s && %s::text[], FALSE)", column, sorted(wanted))
        if takes_none:
            return SQL("(%s OR coalesce(cardinality(%s), 0) = 0)", found, column)
        return found

    def _split_wanted(self, value):
        """Texts that are looked for, and whether an empty list is."""
        wanted = {text for each in value for text in split_texts(each)}
        return wanted, any(not each for each in value)


class OptionalBoolean(fields.Boolean):
    """Yes, no, or not known yet: NULL in its column, False in Python."""

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if value is None else bool(value)

    def convert_to_cache(self, value, record, validate=True):
        return None if value is None else bool(value)


def split_texts(value):
    """Texts of a list, or of a text such as ``email, sms``; each once, in order.

    A text with a comma of its own stands in quotation marks.
    """
    if not value:
        return []
    if isinstance(value, str):
        (value,) = csv.reader(io.StringIO(value), skipinitialspace=True, strict=False)
    return list(dict.fromkeys(text for each in value if (text := str(each).strip())))


def join_texts(texts):
    """One text that ``split_texts`` reads back."""
    target = io.StringIO()
    csv.writer(target, lineterminator="").writerow(texts)
    return (
        target.getvalue().replace(",", ", ")
        if not any("," in text for text in texts)
        else target.getvalue()
    )
