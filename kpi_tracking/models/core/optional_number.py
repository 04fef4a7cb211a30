from odoo import fields


class OptionalNumber:
    """A number that may be missing: False in Python, NULL in its column, never 0."""

    falsy_value = None

    def convert_to_column(self, value, record, values=None, validate=True):
        if _is_missing(value):
            return None
        return super().convert_to_column(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        if _is_missing(value):
            return None
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_export(self, value, record):
        return "" if _is_missing(value) else value


class OptionalFloat(OptionalNumber, fields.Float):
    """See ``OptionalNumber``."""


class OptionalInteger(OptionalNumber, fields.Integer):
    """See ``OptionalNumber``."""


class OptionalMonetary(OptionalNumber, fields.Monetary):
    """See ``OptionalNumber``."""

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        if _is_missing(value):
            return None
        return super().convert_to_column_insert(value, record, values, validate)


def _is_missing(value):
    return value is None or value is False
