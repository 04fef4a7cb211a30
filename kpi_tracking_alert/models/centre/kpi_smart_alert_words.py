from odoo import api, fields, models
from odoo.tools import format_list
from odoo.tools.misc import formatLang

from ..rule.kpi_smart_alert_scope import PATHS

NARROW_SPACE = "\u202f"
MOST_NAMED = 3
MOST_DECIMALS = 6
SAID_OF_CONDITION = {
    "alert_type",
    "applies_to",
    "compared",
    "condition",
    "threshold",
    "threshold_high",
    "periods",
    "no_data_days",
    "chance_below",
    "restated_percent",
    "restated_after_days",
    *(chosen for chosen, _path in PATHS.values()),
}


class KpiSmartAlert(models.Model):
    """A rule in words: “When Revenue is below 90 % of its target, tell …”."""

    _inherit = "kpi.smart.alert"

    summary = fields.Char("In Words", compute="_compute_summary", exportable=False)
    suggested_name = fields.Char(compute="_compute_summary", exportable=False)

    @api.depends(
        *sorted(SAID_OF_CONDITION),
        "is_personal",
        "owner_id",
        "tell_responsible",
        "user_ids",
        "notification_channels",
    )
    @api.depends_context("lang", "uid")
    def _compute_summary(self):
        for rule in self:
            if not (rule.alert_type and rule.applies_to):  # while somebody chooses
                rule.suggested_name = rule.summary = False
                continue
            said = rule._say_condition()
            rule.suggested_name = said[:1].upper() + said[1:]
            rule.summary = rule._say_rule(said)

    def _say_rule(self, condition):
        texts = {"condition": condition, "who": self._say_who()}
        if self.notification_channels == "inbox":
            return self.env._("When %(condition)s, show %(who)s an alert.", **texts)
        return self.env._(
            "When %(condition)s, tell %(who)s %(how)s.", how=self._say_how(), **texts
        )

    def _say_how(self):
        return {
            "email": self.env._("by email"),
            "sms": self.env._("by SMS"),
            "slack": self.env._("on Slack"),
            "teams": self.env._("on Microsoft Teams"),
            "whatsapp": self.env._("on WhatsApp"),
            "push": self.env._("by push message"),
        }.get(self.notification_channels, "")

    def _say_condition(self):
        """What has to happen, by ``alert_type``: the method ``_say_<value>``."""
        self.ensure_one()
        return getattr(self, f"_say_{self.alert_type}")(self._say_watched())

    def _say_threshold_breach(self, watched):
        if self.condition == "no_data":
            return self.env._(
                "%(kpi)s has no value %(days)s working days after a period's end",
                kpi=watched,
                days=self.no_data_days,
            )
        texts = {"kpi": self._say_compared(watched)}
        texts["limit"] = self._say_limit(self.threshold)
        if self.condition == "outside":
            texts["high"] = self._say_limit(self.threshold_high or 0.0)
            said = self.env._("%(kpi)s is not between %(limit)s and %(high)s", **texts)
        elif self.condition == "above":
            said = self.env._("%(kpi)s is above %(limit)s", **texts)
        else:
            said = self.env._("%(kpi)s is below %(limit)s", **texts)
        return self._say_in_a_row(said)

    def _say_trend_deterioration(self, watched):
        return self._say_in_a_row(self.env._("%s gets worse", watched))

    def _say_anomaly_detected(self, watched):
        return self.env._("%s is out of the ordinary", watched)

    def _say_target_risk(self, watched):
        return self.env._(
            "the chance that %(kpi)s reaches its target is below %(percent)s",
            kpi=watched,
            percent=self._say_percent(self.chance_below),
        )

    def _say_restated(self, watched):
        texts = {"kpi": watched, "percent": self._say_percent(self.restated_percent)}
        if not self.restated_after_days:
            return self.env._(
                "%(kpi)s of a closed period changes by more than %(percent)s", **texts
            )
        return self.env._(
            "%(kpi)s of a period that closed %(days)s days ago or earlier changes by"
            " more than %(percent)s",
            days=self.restated_after_days,
            **texts,
        )

    def _say_in_a_row(self, said):
        if self.periods < 2:
            return said
        count = {"said": said, "count": self.periods}
        grains = {
            "day": self.env._("%(said)s for %(count)s days in a row", **count),
            "week": self.env._("%(said)s for %(count)s weeks in a row", **count),
            "month": self.env._("%(said)s for %(count)s months in a row", **count),
            "quarter": self.env._("%(said)s for %(count)s quarters in a row", **count),
            "year": self.env._("%(said)s for %(count)s years in a row", **count),
        }
        usual = self.env._("%(said)s for %(count)s periods in a row", **count)
        frequencies = {each.frequency for each in self._get_watched_definitions()}
        return grains.get(*frequencies, usual) if len(frequencies) == 1 else usual

    def _say_compared(self, watched):
        """What is compared, as the subject of a sentence."""
        said = {
            "achievement": self.env._("the achievement of %s", watched),
            "previous": self.env._("the change of %s on the previous period", watched),
            "last_year": self.env._("the change of %s on the year before", watched),
            "baseline": self.env._("the change of %s on its baseline", watched),
        }
        return said.get(self.compared, watched)

    def _say_limit(self, number):
        """A threshold in the unit of what is compared."""
        if self.compared == "target":
            percent = self._say_percent(100 * number)
            return self.env._("%s of its target", percent)
        if self.compared != "value":
            return self._say_percent(number)
        definitions = self._get_watched_definitions()
        if len(definitions) == 1:
            return definitions._format_value(number)
        return self._say_number(number)

    def _say_percent(self, number):
        return f"{self._say_number(number)}{NARROW_SPACE}%"

    def _say_number(self, number):
        """A number without needless decimals."""
        digits = next(
            (n for n in range(MOST_DECIMALS) if abs(number - round(number, n)) < 1e-9),
            MOST_DECIMALS,
        )
        return formatLang(self.env, round(number, digits) + 0.0, digits=digits)

    def _get_watched_definitions(self):
        """Definitions of the chosen KPIs; none where a group of them is watched."""
        if self.applies_to == "kpi":
            return self.report_ids.definition_id
        if self.applies_to == "definition":
            return self.definition_ids
        return self.env["kpi.definition"]

    def _say_watched(self):
        """The KPIs that are watched, as the subject of a sentence."""
        chosen, _path = PATHS[self.applies_to]
        names = [name for name in self[chosen].mapped("display_name") if name]
        if not names:
            return self.env._("a KPI")
        named = self._list_names(names)
        if self.applies_to in ("kpi", "definition"):
            return named if len(names) == 1 else self.env._("any of %s", named)
        return {
            "category": self.env._("any KPI of the category %s", named),
            "tag": self.env._("any KPI with the tag %s", named),
            "scorecard": self.env._("any KPI of the scorecard %s", named),
            "department": self.env._("any KPI of the department %s or below it", named),
        }[self.applies_to]

    def _list_names(self, names):
        more = len(names) - MOST_NAMED
        if more < 1:
            return format_list(self.env, names, "or")
        named = format_list(self.env, names[:MOST_NAMED], "unit-short")
        return self.env._("%(names)s and %(count)s more", names=named, count=more)

    def _say_who(self):
        if self.is_personal:
            is_me = self.owner_id == self.env.user
            return self.env._("me") if is_me else self.owner_id.name or ""
        # Whom a rule tells is no secret from those who may change it.
        names = self.user_ids.sudo().mapped("name")
        if self.tell_responsible:
            names = [self.env._("its responsible"), *names]
        if not names:
            return self.env._("nobody")
        more = len(names) - MOST_NAMED
        if more < 1:
            return format_list(self.env, names)
        return self._list_names(names)
