from odoo import models

from odoo.addons.kpi_base.percent import say_percent

from ...engine.detection import find_leaks
from ..benefit.kpi_benefit_status import CONFIRMED_AT_END
from .finding import Finding

OPEN = ("approved", "in_delivery", "live", "reviewed")


class KpiBenefitRealization(models.Model):
    """What the months of benefits say about value that leaks."""

    _inherit = "kpi.benefit.realization"

    def _filter_watched(self):
        """Benefits that are to bring something, of initiatives under way."""
        # The status of the initiative decides; owners need not see the rest of it.
        return self.filtered(
            lambda one: (
                one.status not in CONFIRMED_AT_END
                and one.sudo().initiative_id.status in OPEN
            )
        )

    def _find_month_findings(self):
        """Findings of the engine, from planned and realised months."""
        histories = self._filter_watched()._read_histories()
        leaks = find_leaks([one.history for one in histories.values()])
        return [
            Finding(
                leak.kind,
                benefit,
                months.get_day(leak.first),
                benefit.currency_id.round(leak.lost),
                benefit.currency_id.round(leak.coming),
                benefit._explain_leak(leak, months),
            )
            for (benefit, months), found in zip(histories.items(), leaks, strict=True)
            for leak in found
        ]

    def _explain_leak(self, leak, months):
        """Say what was seen, with its numbers and months."""
        known = {
            "benefit": self.name,
            "first": self._format_month(months.get_day(leak.first)),
            "last": self._format_month(months.get_day(months.history.closed - 1)),
            "months": leak.months,
            "planned": self._format_money(leak.planned),
            "realized": self._format_money(leak.realised),
            "decay": say_percent(self.env, leak.decay, digits=0),
        }
        seen = getattr(self, f"_explain_{leak.kind}")(known)
        return " ".join(filter(None, (seen, self._explain_coming(leak, months))))

    def _explain_coming(self, leak, months):
        if not self.currency_id.round(leak.coming):
            return ""
        last = months.get_day(len(months.history.planned) - 1)
        return self.env._(
            "If nothing changes, another %(coming)s is lost by %(month)s.",
            coming=self._format_money(leak.coming),
            month=self._format_month(last),
        )

    def _explain_shortfall(self, known):
        if self.amount < 0:
            return self.env._(
                "%(benefit)s: since %(first)s, %(realized)s came of %(planned)s"
                " planned, of which less is better.",
                **known,
            )
        return self.env._(
            "%(benefit)s: since %(first)s, only %(realized)s of %(planned)s planned was"
            " realized. That is more than its usual ups and downs.",
            **known,
        )

    def _explain_decay(self, known):
        return self.env._(
            "%(benefit)s: since %(first)s, it loses about %(decay)s a month:"
            " %(realized)s of %(planned)s planned was realized.",
            **known,
        )

    def _explain_adoption_stall(self, known):
        return self.env._(
            "%(benefit)s: since %(first)s, the plan rises, but not what is realized:"
            " %(realized)s of %(planned)s.",
            **known,
        )

    def _explain_delay(self, known):
        return self.env._(
            "%(benefit)s: planned from %(first)s, and %(months)s months later than that"
            " or more. %(realized)s of %(planned)s planned came in these months.",
            **known,
        )

    def _explain_silence(self, known):
        return self.env._(
            "%(benefit)s: nobody has entered a value since %(first)s. %(planned)s was"
            " planned for these months.",
            **known,
        )
