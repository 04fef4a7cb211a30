from odoo import models


class Base(models.AbstractModel):
    """Properties of a model that decide how KPIs read it.

    ``_kpi_measurable``: whether KPIs count and sum its records. ``None``: yes, but for
    the models of these addons; technical models and keys never are::

        class Visit(models.Model):
            _name = "kpi.visit"
            _description = "Visit"
            _kpi_measurable = True
    """

    _inherit = "base"

    _kpi_measurable: bool | None = None
