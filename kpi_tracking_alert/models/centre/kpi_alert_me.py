from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.tell import tell
from odoo.addons.kpi_tracking.engine.zones import POSITIONS, THRESHOLD_FIELDS

from ..evaluation.finding import Watched, pair_with
from ..routing.people import is_out_of_reach
from ..rule.kpi_smart_alert import SAID_OF_CONDITION

TRIED_PERIODS = 12  # the running one included
WATCHED_FOR = [
    ("off_target", "Off track"),
    ("not_on_target", "At Risk or Off Track"),
    ("likely_miss", "Likely to Miss Its Target"),
    ("unusual", "Unusual"),
    ("no_value", "Without a Value"),
    ("own", "As Set in More Options"),
]
RATED = ("off_target", "not_on_target")  # those that a status says
ALERT, QUIET, NONE = "alert", "quiet", "none"  # of a period


class KpiSmartAlert(models.Model):
    """The dialog “Alert Me”: a rule as one sentence, checked and tried at once."""

    _inherit = "kpi.smart.alert"

    watched_for = fields.Selection(
        WATCHED_FOR,
        compute="_compute_watched_for",
        inverse="_inverse_watched_for",
        exportable=False,
    )
    watched_in_words = fields.Char(compute="_compute_watched_for", exportable=False)
    looks_at = fields.Selection(
        [
            ("closed", "At the End of Each Period"),
            ("running", "While the Period Runs"),
        ],
        compute="_compute_looks_at",
        inverse="_inverse_looks_at",
        exportable=False,
    )
    notified = fields.Selection(
        [("me", "Me"), ("responsible", "The Responsible Person")],
        compute="_compute_notified",
        inverse="_inverse_notified",
        exportable=False,
    )
    email_hint = fields.Char(
        "Missing Email", compute="_compute_email_hint", exportable=False
    )
    channel_fault = fields.Char(compute="_compute_channel_fault", exportable=False)
    trial = fields.Json(
        "Alerts in the Last Periods", compute="_compute_trial", exportable=False
    )

    @api.depends(*sorted(SAID_OF_CONDITION))
    def _compute_watched_for(self):
        for rule in self:
            rule.watched_in_words = rule._say_watched() if rule.applies_to else False
            rule.watched_for = next(
                (
                    key
                    for key, _label in WATCHED_FOR[:-1]
                    if all(
                        rule[name] == value
                        for name, value in rule._get_condition(key).items()
                    )
                ),
                "own",
            )

    def _inverse_watched_for(self):
        for rule in self:
            rule.update(rule._get_condition(rule.watched_for))

    @api.onchange("watched_for")
    def _onchange_watched_for(self):
        self.update(self._get_condition(self.watched_for))

    def _get_condition(self, watched_for, report=None):
        """Values of a rule that watches for this.

        :param report: default: the first KPI that the rule watches
        :return: dict; empty for ``own``, which is whatever the rule says
        """
        report = report or self.report_ids[:1]._origin
        if watched_for in RATED:
            limits = report._get_status_limits()
            return {
                "alert_type": "threshold_breach",
                "compared": "achievement",
                "condition": "below",
                "threshold": limits[1 - RATED.index(watched_for)],
            }
        return {
            "likely_miss": {"alert_type": "target_risk"},
            "unusual": {"alert_type": "anomaly_detected"},
            "no_value": {"alert_type": "threshold_breach", "condition": "no_data"},
        }.get(watched_for, {})

    @api.depends("judge_running")
    def _compute_looks_at(self):
        for rule in self:
            rule.looks_at = "running" if rule.judge_running else "closed"

    def _inverse_looks_at(self):
        for rule in self:
            is_rated = rule.watched_for in RATED
            rule.judge_running = is_rated and rule.looks_at == "running"

    @api.onchange("looks_at", "watched_for")
    def _onchange_looks_at(self):
        self._inverse_looks_at()

    @api.depends("is_personal")
    def _compute_notified(self):
        for rule in self:
            rule.notified = "me" if rule.is_personal else "responsible"

    def _inverse_notified(self):
        for rule in self:
            rule.is_personal = rule.notified == "me"
            rule.tell_responsible = rule.tell_responsible or not rule.is_personal

    @api.onchange("notified")
    def _onchange_notified(self):
        self._inverse_notified()

    @api.depends("is_personal", "owner_id.email", "owner_id.notification_type")
    @api.depends_context("uid")
    def _compute_email_hint(self):
        """Say that emails cannot arrive, before they are chosen."""
        for rule in self:
            # Whether they have an address is no secret to who edits their rule.
            owner = rule.sudo().owner_id
            is_mine = rule.is_personal and owner == self.env.user
            rule.email_hint = (
                is_mine
                and is_out_of_reach(owner, ["email"])
                and self.env._("Email needs an address: your user has none.")
            )

    @api.depends("notification_channels", "company_id", "is_personal", "owner_id")
    @api.depends_context("company", "uid")
    def _compute_channel_fault(self):
        """Say that the channel cannot deliver, before the rule is turned on."""
        channels = self.env["kpi.alert.channel"]
        for rule in self:
            company, channel = (
                rule.company_id or self.env.company,
                rule.notification_channels,
            )
            fault = channel and channels._find_channel_fault(channel, company)
            rule.channel_fault = fault or rule._find_own_channel_fault()

    def _find_own_channel_fault(self):
        """What the user lacks for the channel of their personal rule, or False."""
        user, channel = self.env.user, self.notification_channels
        if not self.is_personal or self.owner_id._origin != user:
            return False
        if channel == "sms" and not user.phone:
            return self.env._("SMS needs a phone number: your user has none.")
        own = [("partner_id", "=", user.partner_id.id)]
        # Devices are the system's; whether the user has one is asked.
        devices = self.env["mail.push.device"].sudo()
        if channel == "push" and not devices.search_count(own, limit=1):
            return self.env._(
                "Push needs a device: you have not allowed notifications yet."
            )
        return False

    def action_add_address(self):
        """Open the user's preferences, which have the email address."""
        return {**self.env["res.users"].action_get(), "res_id": self.env.uid}

    def action_send_test(self):
        """Send the user a message by the channel of the rule.

        :raises UserError: the channel cannot deliver
        """
        self.ensure_one()
        self.check_access("write")
        channel = self.notification_channels
        if channel == "inbox":
            message = self.env._("No message is sent: alerts appear under the bell.")
            return show_notification(message, type="info")
        fault = self.channel_fault or self.address_hint
        if fault:
            raise UserError(self.env._("Not sent. %s", fault))
        values = {"channel": channel}
        company = self.company_id or self.env.company
        # Which channel a company has is no secret; its address is.
        channels = self.env["kpi.alert.channel"].sudo()
        if channel in dict(channels._fields["kind"].selection) and channel != "sms":
            target = channels._find_default(channel, company)
            values |= {"target_model": target._name, "target_id": target.id}
        subject = self.env._("Test alert: %s", self.name)
        body = Markup("%s%s") % (
            plaintext2html(self.env._("This is a test of the rule:")),
            plaintext2html(self.summary or ""),
        )
        tell(self, self.env.user, subject, body, **values)
        return show_notification(self.env._("A test message is on its way."))

    @api.depends(*sorted(SAID_OF_CONDITION), "judge_running", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_trial(self):
        for rule in self:
            try:
                rule.trial = rule._try_last_periods()
            except UserError:  # too much to be looked at in a dialog
                rule.trial = None

    def _try_last_periods(self):
        """In which of the last periods the rule would have alerted.

        By current values, as if each had come when its period closed; in the running
        period by what it has come to so far, where the rule looks at that.

        :return: dict of ``grain``, ``periods`` (dicts of ``label`` and ``state``:
            ``alert``, ``quiet`` or ``none``, as nothing was compared; oldest first),
            ``count`` (of periods with an alert), ``is_sent_now`` (turning it on alerts
            at once) and ``reason`` (why the first ones were not compared, in words, or
            empty); None where not one KPI is watched, or later changes of its values
        """
        reports = self._find_replayed() if self.applies_to == "kpi" else ()
        if len(reports) != 1 or self.alert_type in (False, "restated"):
            return None
        definition = reports.definition_id
        calendar, grain = definition.calendar_id, definition.frequency
        today = calendar._today()
        running = calendar._period(grain, today)
        first = calendar._period_before(running, TRIED_PERIODS - 1) or running
        shown = calendar._periods(grain, first.start, running.start)
        history = self._read_history(reports, first.start, today, False)
        alerts = self._play(history)
        fired = {start for alert in alerts for start in alert.periods}
        alerts_now = self._alerts_while_running(history.kpis, running)
        if alerts_now:
            fired.add(running.start)
        compared = self._find_compared(history, reports.id)
        states = [
            ALERT if each.start in fired else QUIET if each.start in compared else NONE
            for each in shown
        ]
        labels = calendar._period_labels(shown)
        latest = shown[-2:][0]  # a rule that is turned on looks no further back
        return {
            "grain": grain,
            "periods": [
                {"label": label, "state": state}
                for label, state in zip(labels, states, strict=True)
            ],
            "count": states.count(ALERT),
            "is_sent_now": alerts_now
            or any(
                alert.ended_on is None and alert.last.period_start >= latest.start
                for alert in alerts
            ),
            "reason": self._explain_uncompared(reports, shown, states),
        }

    def _alerts_while_running(self, kpis, running):
        """Whether the rule, if it looks at ``running``, would open an alert now."""
        is_compared = self.alert_type == "threshold_breach" and self.judge_running
        if not is_compared or self.condition == "no_data":
            return False
        watched = Watched(self, kpis, pair_with(self, kpis), {})
        return any(
            finding.fires and finding.period_start == running.start
            for finding in self._find_threshold_breach(watched)
        )

    def _find_compared(self, history, report_id):
        """First days of the periods with all that the rule compares."""
        starts = set(history.versions.get(report_id, ()))
        if self.watched_for not in (*RATED, "likely_miss"):
            return starts
        judged_by = history.judged_by.get(report_id, {})
        return {
            start
            for start in starts
            if any(number is not None for number in judged_by.get(start, ()))
        }

    def _explain_uncompared(self, report, shown, states):
        """Why the first periods were not compared, in words; empty if they were."""
        if self.watched_for not in (*RATED, "likely_miss") or states[0] != NONE:
            return ""
        first = min(report.target_ids.mapped("date_from"), default=None)
        if not first:
            return self.env._("The KPI has no target.")
        calendar = report.definition_id.calendar_id
        start = calendar._period(shown[0].grain, first)
        if start.start <= shown[0].start:
            return ""
        label = calendar._period_label(start)
        return self.env._("The target starts in %s.", label)


class KpiReport(models.Model):
    """What the statuses of a KPI begin at."""

    _inherit = "kpi.report"

    def _get_status_limits(self, period_start=None):
        """Achievements in percent from which a KPI is on track, and at risk.

        Those of its latest target, or of its definition; the usual ones without a KPI.

        :param period_start: first day of a period: those by which that one was rated
        """
        # People who see a KPI see what it is rated by; a form may name any KPI.
        report = self._filtered_access("read").sudo()
        target = report.target_ids.sorted("date_from")[-1:]
        if period_start:
            own = Domain("report_id", "=", report.id)
            own &= Domain("grain", "=", report.frequency)
            own &= Domain("period_start", "=", period_start)
            target = report.env["kpi.target.value"].search(own) or target
        zones = target if target.zones else report.definition_id
        is_five = zones.zones == "five"
        defaults = report.env["kpi.definition"].default_get(THRESHOLD_FIELDS)
        limits = []
        for five, rag in POSITIONS:
            name = THRESHOLD_FIELDS[five if is_five else rag]
            limits.append(zones[name] if zones else defaults[name])
        return limits
