from decimal import Decimal

from odoo import models

from odoo.addons.kpi_base.engine.money import exact

from ...engine.bridge import build_bridge
from ...engine.history import shift_plan


class KpiBenefitRealization(models.Model):
    """The bridge of one benefit, month by month."""

    _inherit = "kpi.benefit.realization"

    def _build_bridge(self, months):
        """Bridge of the months that are over: the sum of those of each month."""
        history, digits = months.history, self.currency_id.decimal_places
        late = min(history.late, history.closed)
        moved = shift_plan(history.planned, late)
        factors = self.baseline_id._list_bridge_factors(months)
        counted = history.counted
        return self._add_bridges(
            [
                build_bridge(
                    exact(history.planned[place], digits),
                    exact(moved[place], digits),
                    exact(counted[place], digits),
                    # What was lost before the go-live is a matter of timing, and of
                    # NaN, which does not equal itself, nobody has said anything.
                    self._plan_factors(factors, place, moved[place])
                    if place >= late and done == done
                    else {},
                    unit=Decimal(1).scaleb(-digits),
                )
                for place, done in enumerate(history.realised)
            ]
        )

    def _plan_factors(self, factors, place, planned):
        """Factors of a month: while the plan grows, a part of the target is planned."""
        found = factors.get(place, {})
        if not (found and self.amount):
            return found
        promised, done = found["rate"]
        level = exact(planned, self.currency_id.decimal_places) / Decimal(
            repr(self.amount)
        )
        return {**found, "rate": (promised * level, done)}
