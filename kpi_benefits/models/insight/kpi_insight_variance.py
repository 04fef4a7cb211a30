from decimal import Decimal

from odoo import models

from ...engine.bridge import Bridge
from .sentence import cite

MOST_NAMED = 3


class KpiInsightMixin(models.AbstractModel):
    """Why what was realised to date is not what was planned."""

    _inherit = "kpi.insight.mixin"

    def _explain_variance(self):
        """Explain the way from what was planned to date to what was realised.

        :return: dict of ``planned``, ``realized``, ``steps`` (dicts of ``kind``,
            ``label``, ``amount`` and ``text``; they add up exactly) and ``sentences``
        """
        bridges = {
            benefit: benefit._build_bridge(months)
            for benefit, months in self._find_insight_benefits()
            ._read_histories()
            .items()
            if months.history.closed
        }
        if not bridges:
            text = self.env._("No month is over yet.")
            return {"planned": 0, "realized": 0, "steps": [], "sentences": [cite(text)]}
        bridge = self._add_bridges(bridges.values())
        steps = [
            {
                "kind": kind,
                "label": self._get_step_labels()[kind],
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
        kinds = dict.fromkeys(kind for one in bridges for kind in one.effects)
        zero = Decimal(0)
        return Bridge(
            planned=sum((one.planned for one in bridges), zero),
            timing=sum((one.timing for one in bridges), zero),
            effects={
                kind: sum((one.effects.get(kind, zero) for one in bridges), zero)
                for kind in kinds
            },
            unexplained=sum((one.unexplained for one in bridges), zero),
            realised=sum((one.realised for one in bridges), zero),
        )

    def _list_steps(self, bridge):
        """(kind, amount) of what is not 0; what is unexplained always."""
        steps = [("timing", bridge.timing), *bridge.effects.items()]
        return [
            *((kind, amount) for kind, amount in steps if amount),
            ("unexplained", bridge.unexplained),
        ]

    def _get_step_labels(self):
        return {
            "timing": self.env._("Go-live"),
            "rate": self.env._("Improvement of the KPI"),
            "volume": self.env._("Volume"),
            "adoption": self.env._("Adoption"),
            "attribution": self.env._("Share claimed"),
            "unexplained": self.env._("Not explained"),
        }

    def _format_signed(self, amount):
        sign = "+" if amount > 0 else ""
        return f"{sign}{self._format_money(amount)}"

    def _explain_bridge(self, bridge, steps, bridges):
        known = {one: dict(self._list_steps(each)) for one, each in bridges.items()}
        return [
            cite(self._explain_gap(bridge), self),
            *(
                cite(
                    f"{one['label']}: {one['text']}.",
                    *(each for each, own in known.items() if own.get(one["kind"])),
                )
                for one in steps
                if one["amount"] and one["kind"] != "unexplained"
            ),
            *self._explain_rest(bridge, bridges),
            *self._explain_plans(bridges),
        ]

    def _explain_gap(self, bridge):
        known = {
            "planned": self._format_money(bridge.planned),
            "realized": self._format_money(bridge.realised),
            "gap": self._format_money(abs(bridge.realised - bridge.planned)),
        }
        if bridge.realised < bridge.planned:
            return self.env._(
                "Of %(planned)s planned to date, %(realized)s was realized: %(gap)s"
                " less.",
                **known,
            )
        if bridge.realised > bridge.planned:
            return self.env._(
                "Of %(planned)s planned to date, %(realized)s was realized: %(gap)s"
                " more.",
                **known,
            )
        return self.env._("%(realized)s was realized to date, as planned.", **known)

    def _explain_rest(self, bridge, bridges):
        """Say in which benefits what nothing explains is, largest first."""
        if not bridge.unexplained:
            return []
        if len(bridges) < 2:
            text = self.env._(
                "%s is not explained by what is known of plan and actual.",
                self._format_signed(bridge.unexplained),
            )
            return [cite(text, *bridges)]
        ranked = sorted(bridges.items(), key=lambda one: -abs(one[1].unexplained))
        return [
            cite(
                self.env._(
                    "%(benefit)s: %(amount)s is not explained.",
                    benefit=benefit.name,
                    amount=self._format_signed(one.unexplained),
                ),
                benefit,
            )
            for benefit, one in ranked[:MOST_NAMED]
            if one.unexplained
        ]

    def _explain_plans(self, bridges):
        """Say which plans are not what their targets are worth, furthest off first."""
        benefits = self.env["kpi.benefit.realization"].union(*bridges)
        ranked = benefits._rank_plans()
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
                "Other plans that differ from what their targets are worth: %s.",
                len(ranked) - MOST_NAMED,
            )
            sentences.append(cite(text, self))
        return sentences
