"""Outcomes of sending that only addresses on the web have."""

from odoo.addons.kpi_base.outbox import DeliveryRefused


class DeliveryGone(DeliveryRefused):
    """The receiver is no longer there and says so: nothing will ever be taken."""
