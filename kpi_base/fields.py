"""Kinds of fields: numbers that may be missing, never 0 then; texts nobody reads; rich
texts that stay in their place."""

from decimal import Decimal

from odoo import fields

from .engine.rich_text import sanitize

IMAGES = "/web/image/"


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


class ExactMonetary(fields.Monetary):
    """An amount that is stored as it is, not rounded, where it is given as ``Decimal``.

    So the engine stores digits that floats lack, and need not ask each new record
    for its currency.
    """

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        if isinstance(value, Decimal):
            return value
        return super().convert_to_column_insert(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        if isinstance(value, Decimal):
            return float(value)  # as it is read from the column
        return super().convert_to_cache(value, record, validate)


class OptionalMonetary(OptionalNumber, ExactMonetary):
    """See ``OptionalNumber``."""

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        if _is_missing(value):
            return None
        return super().convert_to_column_insert(value, record, values, validate)


class RichText(fields.Html):
    """Formatted words of people, which stay within the field wherever they are shown.

    Odoo's sanitiser removes what runs. Classes and styles by which a text leaves its
    place, and images of other servers, pass it. In views the field has the class
    ``o_kpi_rich_text``, which cuts off whatever would be drawn outside of it, and the
    option ``embedded_components`` off: videos and boxes of files are not stored.
    """

    def convert_to_column(self, value, record, values=None, validate=True):
        if validate and value:
            value = self._sanitize(value, record)
        return super().convert_to_column(value, record, values, validate=False)

    def convert_to_cache(self, value, record, validate=True):
        if validate and value:
            value = self._sanitize(value, record)
        return super().convert_to_cache(value, record, validate=False)

    @staticmethod
    def _sanitize(value, record):
        # Browsers copy an image with its whole address.
        own_images = f"{record.get_base_url()}{IMAGES}"
        return sanitize(str(value).replace(own_images, IMAGES))


HIDDEN = "••••••••"


def Secret(name, string, **attributes):
    """A text that is stored sealed, and read as ``HIDDEN`` by everybody.

    For models that inherit ``kpi.secret.mixin``. Writing ``HIDDEN`` changes nothing, as
    importing what was exported would; writing nothing takes the secret away.

    :param name: that of the field
    """

    def show(records):
        known = records.env["kpi.secret"]._find_sealed(records._origin, name)
        for record in records:
            record[name] = HIDDEN if record._origin.id in known else False

    def store(records):
        for text, same in records.grouped(name).items():
            if text != HIDDEN:
                records.env["kpi.secret"]._store(same, name, (text or "").strip())
        # What was typed must not be read from the cache either.
        records.invalidate_recordset([name], flush=False)

    return fields.Char(string, compute=show, inverse=store, copy=False, **attributes)


class KnownFloat(fields.Float):
    """A number that may be missing: an empty cell of an export then, not 0.

    :param known: whether a record has the number
    """

    known = None

    def convert_to_export(self, value, record):
        return super().convert_to_export(value, record) if self.known(record) else ""


def or_none(value):
    """What a field holds; None where it is empty, which Odoo says as False."""
    return None if value is False else value


def _is_missing(value):
    return value is None or value is False
