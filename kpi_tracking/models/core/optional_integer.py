from odoo import fields

from .optional_float import OptionalNumber


class OptionalInteger(OptionalNumber, fields.Integer):
    """See ``OptionalNumber``."""
