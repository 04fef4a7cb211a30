from decimal import Decimal
from itertools import accumulate

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from odoo.addons.kpi_base.fields import OptionalFloat, or_none
from odoo.addons.kpi_base.formatting import (
    format_month,
    format_percent,
    format_signed,
    format_small_percent,
)
from odoo.addons.kpi_base.rights import remember_rights

from ...engine.bridge import Bridge
from ...engine.fault import BenefitError
from ...engine.history import add_months
from ...engine.outlook import FEW, look_ahead
from ...engine.standing import ENOUGH
from ..finding import cite, rank_findings

MOST_POINTS = 60  # of a chart: longer lives are drawn by every so many months
MOST_NAMED = 3
OUTLOOK = ("rate", "chance", "coming", "error", "plan_error", "pace_error")


class KpiInsightMixin(models.AbstractModel):
    """What the months of benefits say: of one, or of all of an initiative."""

    _name = "kpi.insight.mixin"
    _description = "Benefit Insights"

    currency_id = fields.Many2one("res.currency")
    planned_to_date = fields.Monetary(
        "Planned to Date",
        compute="_compute_planned_to_date",
        exportable=False,
        help="Closed months only.",
    )
    realization_rate = OptionalFloat(
        compute="_compute_planned_to_date",
        exportable=False,
        aggregator=False,
        help="Realized share of the plan for closed months.",
    )
    shortfall = fields.Monetary(
        compute="_compute_shortfall",
        exportable=False,
        help="Planned minus realized value of closed months.",
    )
    explained_shortfall = fields.Monetary(
        "Explained by Leakages", compute="_compute_shortfall", exportable=False
    )
    unexplained_shortfall = fields.Monetary(
        "Unexplained", compute="_compute_shortfall", exportable=False
    )

    @api.readonly
    def get_insights(self):
        """Return what can be said, as sentences and numbers, for the screen.

        :return: dict of ``currency_id``, ``totals`` and ``months`` (as of dashboards),
            ``forecast``, ``variance``, ``gates``, ``leaks`` and ``benchmark``; see
            ``_forecast``, ``_explain_variance``, ``_list_gates``, ``_describe_leaks``
            and ``_benchmark``
        :raises UserError: not one existing record
        """
        if len(self.exists()) != 1:
            raise UserError(self.env._("Choose one record."))
        self.check_access("read")
        forecast = self._forecast()
        benefits = self._find_insight_benefits()
        months = benefits._list_profile(forecast["coming"])
        return {
            "currency_id": self.currency_id.id,
            "totals": benefits._measure_totals(months),
            "months": months,
            "forecast": forecast,
            "variance": self._explain_variance(),
            "gates": self._list_gates(),
            "leaks": self._describe_leaks(),
            "benchmark": self._benchmark(),
        }

    def _find_insight_benefits(self):
        """Return the benefits that these records are about, as far as the user sees."""
        raise NotImplementedError(f"{self._name}._find_insight_benefits")

    def _describe_row(self, benefits):
        """Row of a dashboard: where a benefit, or an initiative with some, stands."""
        words = dict(self._fields["status"]._description_selection(self.env))
        _planned, realized_to_date = benefits.period_ids._add_up_to_date()
        return {
            "id": self.id,
            "name": self.display_name,
            "status": self.status,
            "status_name": words[self.status],
            "planned": self.expected_value,
            "planned_to_date": self.planned_to_date,
            "realized": self.realized_value,
            "realized_to_date": realized_to_date,
            "rate": or_none(self.realization_rate),
        }

    def _list_gates(self):
        """Gates on the way, as of dashboards; single benefits have none."""
        return []

    def _benchmark(self):
        """Describe where it stands among others; single benefits are not ranked."""
        return []

    def _format_money(self, amount):
        return format_amount(self.env, float(amount), self.currency_id)

    def _format_month(self, day):
        return format_month(self.env, day)

    def _forecast(self):
        """Forecast what will have been realised in the end.

        :return: as ``ForecastOut``, and ``coming``: low, middle and high share of the
            plan that is still to come
        """
        benefits = self._find_insight_benefits()
        several = list(benefits._read_histories().values())
        if not several:
            text = self.env._("No planned benefits yet.")
            return {**self._describe_outlook(None, None), "sentences": [cite(text)]}
        history, ended = add_months(several), benefits._find_compared()
        own = [*ended._read_histories().values()]
        try:
            outlook = look_ahead(several, own)
        except BenefitError:
            outlook = None
        return {
            **self._describe_outlook(history, outlook),
            "points": self._list_points(history, outlook),
            "sentences": self._explain_outlook(several, history, outlook, ended),
        }

    def _describe_outlook(self, history, outlook):
        total = history.total if history else 0.0
        return {
            "planned": self._round(total),
            "realized": self._round(history.done if history else 0.0),
            "months": history.closed if history else 0,
            "months_total": len(history.planned) if history else 0,
            "value": outlook and self._round(outlook.rate * total),
            "low": outlook and self._round(outlook.low * total),
            "high": outlook and self._round(outlook.high * total),
            "low_rate": outlook and outlook.low,
            "high_rate": outlook and outlook.high,
            "own": outlook.own if outlook else 0,
            **{name: outlook and getattr(outlook, name) for name in OUTLOOK},
            "points": [],
        }

    def _round(self, amount):
        return self.currency_id.round(float(amount))

    def _list_points(self, history, outlook):
        """Planned, realised and expected, each added up from the first month on."""
        planned = list(accumulate(history.planned))
        realised = list(accumulate(history.counted))
        count = len(planned)
        step = -(-count // MOST_POINTS)
        shown = [*range(count - 1, -1, -step)][::-1]
        over = planned[history.closed - 1] if history.closed else 0.0

        def expect(place):
            if not outlook or place < history.closed:
                return None
            low, value, high = (
                self._round(history.done + share * (planned[place] - over))
                for share in outlook.coming
            )
            return {"value": value, "low": min(low, high), "high": max(low, high)}

        return [
            {
                "start": str(history.get_day(place)),
                "label": self._format_month(history.get_day(place)),
                "target": self._round(planned[place]),
                "value": (
                    self._round(realised[place]) if place < history.closed else None
                ),
                "coming": place >= history.closed,
                "expected": expect(place),
            }
            for place in shown
        ]

    def _explain_outlook(self, several, history, outlook, ended):
        if not outlook:
            text = self.env._("All months are closed. No forecast needed.")
            if not self._round(history.total):
                text = self.env._("The plan totals 0. No forecast available.")
            return [cite(text, self)]
        sentences = [
            cite(self._explain_total(history, outlook), self),
            cite(self._explain_chance(history, outlook), self),
            cite(self._explain_class(outlook), ended if outlook.own < FEW else ()),
            cite(self._explain_error(history, outlook)),
        ]
        if len(several) > 1:
            text = self.env._(
                "Forecasts of %s benefits are added up. The range may be too wide.",
                len(several),
            )
            sentences.append(cite(text))
        return sentences

    def _explain_total(self, history, outlook):
        """The forecast total, with its range unless both ends read the same."""
        bounds = sorted(share * history.total for share in (outlook.low, outlook.high))
        low, high = map(self._format_money, bounds)
        words = {
            "month": self._format_month(history.get_day(len(history.planned) - 1)),
            "value": self._format_money(outlook.rate * history.total),
            "planned": self._format_money(history.total),
            "rate": self._format_share(outlook.rate),
        }
        if low == high:
            return self.env._(
                "Forecast total by %(month)s: %(value)s of %(planned)s planned "
                "(%(rate)s).",
                **words,
            )
        return self.env._(
            "Forecast total by %(month)s: %(value)s of %(planned)s planned "
            "(%(rate)s); %(certainty)s range: %(low)s to %(high)s.",
            certainty=format_percent(self.env, 0.8, 0),
            low=low,
            high=high,
            **words,
        )

    def _explain_chance(self, history, outlook):
        chance = self._format_share(outlook.chance)
        if history.total < 0:
            return self.env._(
                "%(chance)s probability of staying at or below %(most)s of the plan.",
                most=self._format_share(2 - ENOUGH),
                chance=chance,
            )
        return self.env._(
            "%(chance)s probability of realizing at least %(least)s of the plan.",
            least=self._format_share(ENOUGH),
            chance=chance,
        )

    def _explain_class(self, outlook):
        if not outlook.own:
            return self.env._(
                "Based on simulated benefits; none of yours is completed yet."
            )
        if outlook.own < FEW:
            return self.env._(
                "Based mostly on simulated benefits; your completed benefits: %s.",
                outlook.own,
            )
        return self.env._(
            "Based on %s of your completed benefits and simulated ones.",
            outlook.own,
        )

    def _explain_error(self, history, outlook):
        known = {
            "error": self._format_share(outlook.error),
            "plan": self._format_share(outlook.plan_error),
        }
        if not history.closed:
            return self.env._(
                "Average error before the first month closes: forecast %(error)s; "
                "plan %(plan)s (simulated benefits).",
                **known,
            )
        return self.env._(
            "Average error at this stage: forecast %(error)s; plan %(plan)s; "
            "current rate %(pace)s (simulated benefits).",
            pace=self._format_share(outlook.pace_error),
            **known,
        )

    def _format_share(self, share):
        return format_small_percent(self.env, share, digits=0)

    def _explain_variance(self):
        """Explain the way from what was planned to date to what was realised.

        :return: as ``VarianceOut``, with a ``text`` of each step
        """
        bridges = {
            benefit: benefit._build_bridge(history)
            for benefit, history in self._find_insight_benefits()
            ._read_histories()
            .items()
            if history.closed
        }
        if not bridges:
            text = self.env._("No month is closed yet.")
            return {"planned": 0, "realized": 0, "steps": [], "sentences": [cite(text)]}
        bridge = self._add_bridges(bridges.values())
        labels = {
            "timing": self.env._("Go-live"),
            "rate": self.env._("KPI improvement"),
            "volume": self.env._("Volume"),
            "adoption": self.env._("Adoption"),
            "attribution": self.env._("Claimed share"),
            "unexplained": self.env._("Unexplained"),
        }
        steps = [
            {
                "kind": kind,
                "label": labels[kind],
                "amount": float(amount),
                "text": self._format_signed(amount),
            }
            for kind, amount in self._list_steps(bridge)
        ]
        return {
            "planned": float(bridge.planned),
            "realized": float(bridge.realised),
            "planned_text": self._format_money(bridge.planned),
            "realized_text": self._format_money(bridge.realised),
            "steps": steps,
            "sentences": self._explain_bridge(bridge, steps, bridges),
        }

    def _add_bridges(self, bridges):
        zero = Decimal(0)
        planned, timing, unexplained, realised = (
            sum((getattr(one, name) for one in bridges), zero)
            for name in ("planned", "timing", "unexplained", "realised")
        )
        kinds = dict.fromkeys(kind for one in bridges for kind in one.effects)
        effects = {
            kind: sum((one.effects.get(kind, zero) for one in bridges), zero)
            for kind in kinds
        }
        return Bridge(planned, timing, effects, unexplained, realised)

    def _list_steps(self, bridge):
        """(kind, amount) of what is not 0; what is unexplained always."""
        steps = [("timing", bridge.timing), *bridge.effects.items()]
        return [
            *((kind, amount) for kind, amount in steps if amount),
            ("unexplained", bridge.unexplained),
        ]

    def _format_signed(self, amount):
        return format_signed(self.env, amount, self._format_money(abs(amount)))

    def _explain_bridge(self, bridge, steps, bridges):
        known = {
            "planned": self._format_money(bridge.planned),
            "realized": self._format_money(bridge.realised),
            "gap": self._format_money(abs(bridge.realised - bridge.planned)),
        }
        gap = self.env._("%(realized)s realized to date, as planned.", **known)
        if bridge.realised < bridge.planned:
            gap = self.env._(
                "Realized %(realized)s of %(planned)s planned to date: %(gap)s "
                "below plan.",
                **known,
            )
        elif bridge.realised > bridge.planned:
            gap = self.env._(
                "Realized %(realized)s of %(planned)s planned to date: %(gap)s "
                "above plan.",
                **known,
            )
        own = {one: dict(self._list_steps(each)) for one, each in bridges.items()}
        return [
            cite(gap, self),
            *(
                cite(
                    f"{one['label']}: {one['text']}.",
                    *(each for each, parts in own.items() if parts.get(one["kind"])),
                )
                for one in steps
                if one["amount"] and one["kind"] != "unexplained"
            ),
            *self._explain_rest(bridge, bridges),
            *self._explain_definitions(bridges),
            *self._explain_plans(bridges),
        ]

    def _explain_rest(self, bridge, bridges):
        """Say in which benefits what nothing explains is, largest first."""
        if not bridge.unexplained:
            return []
        if len(bridges) < 2:
            text = self.env._(
                "%s cannot be explained by the available data.",
                self._format_signed(bridge.unexplained),
            )
            return [cite(text, *bridges)]
        ranked = sorted(bridges.items(), key=lambda one: -abs(one[1].unexplained))
        return [
            cite(
                self.env._(
                    "%(benefit)s: %(amount)s unexplained.",
                    benefit=benefit.name,
                    amount=self._format_signed(one.unexplained),
                ),
                benefit,
            )
            for benefit, one in ranked[:MOST_NAMED]
            if one.unexplained
        ]

    def _explain_definitions(self, bridges):
        """Say which KPIs are measured otherwise than their baselines were."""
        redefined = (one for one in bridges if one.is_redefined)
        return [cite(one.definition_warning, one, one.baseline_id) for one in redefined]

    def _explain_plans(self, bridges):
        """Say which plans are not what their targets are worth, furthest off first."""
        benefits = self.env["kpi.benefit.realization"].union(*bridges)
        warned = benefits.filtered("plan_warning")
        with remember_rights(self.env):
            worths = warned._find_target_worths()
        ranked = warned.sorted(lambda one: -abs(one.amount - worths[one]))
        sentences = [
            cite(
                one.plan_warning
                if len(benefits) < 2
                else self.env._(
                    "%(benefit)s: %(reason)s", benefit=one.name, reason=one.plan_warning
                ),
                one,
                one.baseline_id,
            )
            for one in ranked[:MOST_NAMED]
        ]
        if len(ranked) > MOST_NAMED:
            text = self.env._(
                "Other plans that differ from the value of their KPI target: %s.",
                len(ranked) - MOST_NAMED,
            )
            sentences.append(cite(text, self))
        return sentences

    def _find_findings(self):
        """``Finding`` of these records, those that cost most first."""
        return rank_findings(self._find_insight_benefits()._find_benefit_findings())

    def _describe_leaks(self):
        """Describe the findings, as ``LeakOut``."""
        kinds = self.env["kpi.value.leakage"]._fields["kind"]
        labels = dict(kinds._description_selection(self.env))
        return [
            {
                "kind": one.kind,
                "label": labels[one.kind],
                "first_month": str(one.first),
                "lost": self._round(one.lost),
                "coming": self._round(one.coming),
                "sentences": [
                    cite(one.evidence, one.about, one.part or (), *one.cited)
                ],
            }
            for one in self._find_findings()
        ]
