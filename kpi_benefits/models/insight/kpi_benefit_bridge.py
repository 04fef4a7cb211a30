from decimal import Decimal

from odoo import models

from odoo.addons.kpi_base.engine.money import exact

from ...engine.bridge import build_bridge
from ...engine.history import shift_plan


class KpiBenefitRealization(models.Model):
    """The bridge of one benefit."""

    _inherit = "kpi.benefit.realization"

    def _build_bridge(self, months):
        """Bridge of the months that are over."""
        history, digits = months.history, self.currency_id.decimal_places
        closed = history.closed
        moved = shift_plan(history.planned, min(history.late, closed))
        return build_bridge(
            exact(history.planned[:closed].sum(), digits),
            exact(moved[:closed].sum(), digits),
            exact(history.done, digits),
            self._get_bridge_factors(months),
            unit=Decimal(1).scaleb(-digits),
        )

    def _get_bridge_factors(self, months):
        """Factor → planned and actual number, of those where both are known.

        The product of all of them is the benefit of the months that are over.
        """
        return {}
