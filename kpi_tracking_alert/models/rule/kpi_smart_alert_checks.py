from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.roles import OFFICER

from .kpi_smart_alert_scope import PATHS

MOST_PERIODS = 24


class KpiSmartAlert(models.Model):
    """What a rule may say, and who may say it."""

    _inherit = "kpi.smart.alert"

    @api.constrains("applies_to", *(chosen for chosen, _path in PATHS.values()))
    def _check_scope(self):
        for rule in self:
            chosen, _path = PATHS[rule.applies_to]
            if not rule[chosen]:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: choose what to watch (%(field)s).",
                        rule=rule.name,
                        field=self._fields[chosen]._description_string(self.env),
                    )
                )

    @api.constrains("applies_to", "report_ids", "company_id")
    def _check_watched_company(self):
        for rule in self.filtered(lambda rule: rule.applies_to == "kpi"):
            others = rule.report_ids.filtered(
                lambda kpi, rule=rule: (
                    rule.company_id and kpi.company_id != rule.company_id
                )
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s is a KPI of %(company)s. Choose that company for the"
                        " rule, or none.",
                        kpi=others[0].name,
                        company=others[0].company_id.name,
                    )
                )

    @api.constrains(
        "alert_type",
        "condition",
        "threshold",
        "threshold_high",
        "clear_threshold",
        "clear_threshold_high",
    )
    def _check_thresholds(self):
        for rule in self:
            reason = rule._find_threshold_fault()
            if reason:
                raise ValidationError(
                    self.env._("%(rule)s: %(reason)s", rule=rule.name, reason=reason)
                )

    def _find_threshold_fault(self):
        """What is wrong with the thresholds, in words; None if they make sense."""
        self.ensure_one()
        if self.alert_type != "threshold_breach":
            return None
        if self.condition == "outside":
            return self._find_range_fault()
        low, clear = self.threshold, self.clear_threshold
        if clear is False:
            return None
        if self.condition == "below" and clear < low:
            return self.env._("“Clear At” must not be below the threshold.")
        if self.condition == "above" and clear > low:
            return self.env._("“Clear At” must not be above the threshold.")
        return None

    def _find_range_fault(self):
        low, high = self.threshold, self.threshold_high
        if high is False:
            return self.env._("“Outside” needs an upper threshold.")
        if high <= low:
            return self.env._("The upper threshold must be above the lower one.")
        clears = [self.clear_threshold, self.clear_threshold_high]
        given = [clear for clear in clears if clear is not False]
        if not all(low <= clear <= high for clear in given):
            return self.env._("“Clear At” must lie between the thresholds.")
        if given != sorted(given):
            return self.env._("“Clear At” must not be above “Clear At, Upper”.")
        return None

    @api.constrains(
        "periods",
        "recent_periods",
        "least_facts",
        "no_data_days",
        "alert_cooldown_minutes",
        "remind_after_hours",
        "restated_after_days",
    )
    def _check_counts(self):
        limits = {
            "periods": (1, MOST_PERIODS),
            "recent_periods": (1, MOST_PERIODS),
            "least_facts": (0, 10_000),
            "no_data_days": (1, 1_000),
            "alert_cooldown_minutes": (0, 60 * 24 * 365),
            "remind_after_hours": (0, 24 * 365),
            "restated_after_days": (0, 3_660),
        }
        for rule in self:
            for name, (least, most) in limits.items():
                if not least <= rule[name] <= most:
                    raise ValidationError(
                        self.env._(
                            "%(rule)s: %(field)s must be between %(least)s and"
                            " %(most)s.",
                            rule=rule.name,
                            field=self._fields[name]._description_string(self.env),
                            least=least,
                            most=most,
                        )
                    )

    @api.constrains("least_weight")
    def _check_least_weight(self):
        for rule in self:
            if rule.least_weight and rule.least_weight < 0:
                raise ValidationError(
                    self.env._("%s: Least Records must not be below 0.", rule.name)
                )

    @api.constrains("chance_below", "restated_percent")
    def _check_percents(self):
        for rule in self:
            if not 0 < rule.chance_below <= 100:
                raise ValidationError(
                    self.env._(
                        "%s: a chance lies between 0 and 100 percent.", rule.name
                    )
                )
            if rule.restated_percent < 0:
                raise ValidationError(
                    self.env._("%s: a change must not be below 0 percent.", rule.name)
                )

    @api.constrains("judge_running", "compared", "alert_type")
    def _check_running(self):
        for rule in self:
            if rule.judge_running and rule.compared != "achievement":
                raise ValidationError(
                    self.env._(
                        "%s: a running period can only be compared by its"
                        " achievement, with the target to date.",
                        rule.name,
                    )
                )

    @api.constrains(
        "is_personal", "owner_id", "applies_to", "report_ids", "user_ids", "route_ids"
    )
    def _check_personal(self):
        """Only officers make rules for others, or over more than single KPIs."""
        # Constraints run as superuser: whose wish it is says the user alone.
        user = self.env.user
        is_own = all(rule.is_personal and rule.owner_id == user for rule in self)
        if not is_own and not user.has_group(OFFICER):
            raise ValidationError(
                self.env._("Only KPI officers can make rules that tell others.")
            )
        for rule in self.filtered("is_personal"):
            if rule.applies_to != "kpi":
                raise ValidationError(
                    self.env._("%s: a rule of your own watches single KPIs.", rule.name)
                )
            if rule.user_ids - rule.owner_id or rule.route_ids.channel_id:
                raise ValidationError(
                    self.env._("%s: a rule of your own tells only you.", rule.name)
                )
            # Read as its owner: nobody watches what they may not see.
            own = rule.report_ids.with_user(rule.owner_id)
            own.with_context(allowed_company_ids=None).check_access("read")

    def action_turn_on(self):
        """Have the rule fire from now on."""
        self.check_access("write")
        archived = self.filtered(lambda rule: not rule.active)
        if archived:
            raise UserError(
                self.env._(
                    "%s is archived. Unarchive it before you turn it on.",
                    archived[0].name,
                )
            )
        # Its state is the engine's; the right to change the rule was asked for.
        self.sudo().filtered(lambda rule: rule.state != "on").write(
            {
                "state": "on",
                "turned_on_at": fields.Datetime.now(),
                "last_error": False,
            }
        )
        return True

    def action_turn_off(self):
        """Have the rule fire no more; its open alerts end."""
        self.check_access("write")
        self._turn_off(self.env._("The rule was turned off."))
        return True

    def _turn_off(self, reason):
        # Its state is the engine's; the right to change the rules was asked for.
        self.sudo().state = "draft"
        self._end_alerts(reason)

    @api.ondelete(at_uninstall=False)
    def _unlink_end_alerts(self):
        self._end_alerts(self.env._("The rule was deleted."))

    def _end_alerts(self, reason):
        """Resolve the open alerts of these rules; why, in words."""
        # Alerts are the engine's; the right to change the rules was asked for.
        events = self.sudo().event_ids
        events.filtered(lambda event: event.state != "resolved")._resolve(
            "rule", reason
        )
