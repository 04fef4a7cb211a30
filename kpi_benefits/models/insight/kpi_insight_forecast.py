from itertools import accumulate

from odoo import models

from odoo.addons.kpi_base.percent import say_percent

from ...engine.fault import BenefitError
from ...engine.outlook import FEW, look_ahead_together
from ...engine.standing import ENOUGH
from .months import add_months
from .sentence import cite

MOST_POINTS = 60  # of a chart: longer lives are drawn by every so many months


class KpiInsightMixin(models.AbstractModel):
    """How much of the plan of the whole life will probably come."""

    _inherit = "kpi.insight.mixin"

    def _forecast(self):
        """Forecast what will have been realised in the end.

        :return: dict of ``planned``, ``realized`` so far, ``months`` that are over and
            ``months_total``, ``value``, ``low``, ``high`` (amounts, 80 % lie between;
            None without a forecast), ``rate``, ``low_rate``, ``high_rate`` (the same as
            shares of the plan), ``chance`` (of at least 90 % of it), ``own`` (own
            benefits it was compared with), ``error``, ``plan_error``, ``pace_error``,
            ``coming`` (low, middle, high of the plan that is still to come),
            ``points`` of the chart, ``sentences``
        """
        benefits = self._find_insight_benefits()
        several = list(benefits._read_histories().values())
        if not several:
            text = self.env._("No benefit is planned yet.")
            return {**self._describe_outlook(None, None), "sentences": [cite(text)]}
        months, ended = add_months(several), benefits._find_comparable()
        own = [one.history for one in ended._read_histories().values()]
        try:
            outlook = look_ahead_together([one.history for one in several], own)
        except BenefitError:
            outlook = None
        return {
            **self._describe_outlook(months, outlook),
            "points": self._list_points(months, outlook),
            "sentences": [
                *self._explain_outlook(months, outlook, ended),
                *(self._explain_sum(several) if outlook else []),
            ],
        }

    def _describe_outlook(self, months, outlook):
        history = months and months.history
        total = history.total if history else 0.0
        return {
            "planned": self._round(total),
            "realized": self._round(history.done if history else 0.0),
            "months": history.closed if history else 0,
            "months_total": len(history.planned) if history else 0,
            "value": outlook and self._round(outlook.rate * total),
            "low": outlook and self._round(outlook.low * total),
            "high": outlook and self._round(outlook.high * total),
            "rate": outlook and outlook.rate,
            "low_rate": outlook and outlook.low,
            "high_rate": outlook and outlook.high,
            "chance": outlook and outlook.chance,
            "coming": outlook and outlook.coming,
            "own": outlook.own if outlook else 0,
            "error": outlook and outlook.error,
            "plan_error": outlook and outlook.plan_error,
            "pace_error": outlook and outlook.pace_error,
            "points": [],
        }

    def _round(self, amount):
        return self.currency_id.round(float(amount))

    def _list_points(self, months, outlook):
        """Planned, realised and expected, each added up from the first month on."""
        history = months.history
        planned = list(accumulate(history.planned))
        realised = list(accumulate(history.counted))
        count = len(planned)
        step = -(-count // MOST_POINTS)
        shown = [*range(count - 1, -1, -step)][::-1]
        return [
            {
                "start": str(months.get_day(place)),
                "label": self._format_month(months.get_day(place)),
                "target": self._round(planned[place]),
                "value": (
                    self._round(realised[place]) if place < history.closed else None
                ),
                "coming": place >= history.closed,
                "expected": self._expect(history, outlook, planned, place),
            }
            for place in shown
        ]

    def _expect(self, history, outlook, planned, place):
        """What is expected to have come by then; None of months that are over."""
        if not outlook or place < history.closed:
            return None
        known = planned[history.closed - 1] if history.closed else 0.0
        left = planned[place] - known
        low, value, high = (
            self._round(history.done + share * left) for share in outlook.coming
        )
        return {"value": value, "low": min(low, high), "high": max(low, high)}

    def _explain_outlook(self, months, outlook, ended):
        history = months.history
        if not outlook:
            return [cite(self._explain_no_outlook(history), self)]
        low, high = sorted((outlook.low, outlook.high))
        amounts = sorted(share * history.total for share in (low, high))
        last = self._format_month(months.get_day(len(history.planned) - 1))
        return [
            cite(
                self.env._(
                    "By %(month)s, %(value)s of %(planned)s will probably have come"
                    " (%(rate)s): with 80 %% between %(low)s and %(high)s.",
                    month=last,
                    value=self._format_money(outlook.rate * history.total),
                    planned=self._format_money(history.total),
                    rate=self._format_share(outlook.rate),
                    low=self._format_money(amounts[0]),
                    high=self._format_money(amounts[1]),
                ),
                self,
            ),
            cite(self._explain_chance(history, outlook), self),
            cite(self._explain_class(outlook), ended if outlook.own < FEW else ()),
            cite(self._explain_error(history, outlook)),
        ]

    def _explain_sum(self, several):
        """Say how the range of several benefits comes about."""
        if len(several) < 2:
            return []
        text = self.env._(
            "The forecasts of %s benefits are added up as if all went equally well or"
            " badly: the range is rather too wide than too narrow.",
            len(several),
        )
        return [cite(text)]

    def _explain_no_outlook(self, history):
        if not self._round(history.total):
            return self.env._("Its plan adds up to nothing: there is no forecast.")
        return self.env._("All months are over: nothing is left to forecast.")

    def _explain_chance(self, history, outlook):
        chance = self._format_share(outlook.chance)
        if history.total < 0:
            most = self._format_share(2 - ENOUGH)
            return self.env._(
                "It stays at or below %(most)s of the plan with a probability of"
                " %(chance)s.",
                most=most,
                chance=chance,
            )
        return self.env._(
            "At least %(least)s of the plan comes with a probability of %(chance)s.",
            least=self._format_share(ENOUGH),
            chance=chance,
        )

    def _explain_class(self, outlook):
        if not outlook.own:
            return self.env._(
                "None of your other benefits is over yet: it is compared with simulated"
                " ones."
            )
        if outlook.own < FEW:
            return self.env._(
                "Only %s of your other benefits are over: it is mostly compared with"
                " simulated ones.",
                outlook.own,
            )
        return self.env._(
            "Compared with %s of your benefits that are over, and with simulated ones.",
            outlook.own,
        )

    def _explain_error(self, history, outlook):
        if not history.closed:
            return self.env._(
                "Before the first month is over, such forecasts miss the final share by"
                " %(error)s on average, “as planned” by %(plan)s (simulated benefits).",
                error=self._format_share(outlook.error),
                plan=self._format_share(outlook.plan_error),
            )
        return self.env._(
            "At this age such forecasts miss the final share by %(error)s on average,"
            " “as planned” by %(plan)s, the rate so far by %(pace)s (simulated"
            " benefits).",
            error=self._format_share(outlook.error),
            plan=self._format_share(outlook.plan_error),
            pace=self._format_share(outlook.pace_error),
        )

    def _format_share(self, share):
        return say_percent(self.env, share, digits=0)
