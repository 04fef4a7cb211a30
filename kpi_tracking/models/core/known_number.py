from odoo import fields


class KnownFloat(fields.Float):
    """A number that may be missing: an empty cell of an export then, not 0.

    :param known: whether a record has the number
    """

    known = None

    def convert_to_export(self, value, record):
        return super().convert_to_export(value, record) if self.known(record) else ""
