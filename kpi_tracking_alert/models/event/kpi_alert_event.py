import json
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.engine.formatting import MAX_RELATIVE
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_day, format_percent, format_signed
from odoo.addons.kpi_base.schemas.base import GivenMoment, Id, Nothing, Text

from ...engine.routing import SEVERITY_RANKS
from ..rule.kpi_smart_alert import ALERT_TYPES, COMPARED, SEVERITIES

STATES = [
    ("firing", "Open"),
    ("acknowledged", "Acknowledged"),
    ("snoozed", "Snoozed"),
    ("resolved", "Resolved"),
]
RESOLUTIONS = [
    ("cleared", "Automatically"),
    ("corrected", "Value Corrected"),
    ("person", "Manually"),
    ("rule", "Rule Changed"),
    ("kpi", "KPI Archived"),
]
# Places in an order, for fields whose values are words.
RANKS = {
    "severity": SEVERITY_RANKS,
    "state": {"firing": 0, "acknowledged": 1, "snoozed": 1, "resolved": 2},
}
WORST = "severity:max"  # aggregate: the largest rank, not the last word
WORST_FIRST = f"{WORST} desc, fired_at:max desc, definition_id"
LONGEST_SNOOZE = timedelta(days=366)
MOST_EXTRA = 4  # decimals beside the KPI's, where a number would look like its limit
WORSE = {"higher": -1, "lower": 1}  # direction → sign of changes for the worse


class KpiAlertEvent(models.Model):
    """A rule's condition holds for a KPI, until it clears or somebody resolves it.

    Only the engine writes it; people act by the methods of its states.
    """

    _name = "kpi.alert.event"
    _description = "KPI Alert"
    _inherit = [
        "kpi.readable.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "kpi.period.value.mixin",
    ]
    # What waits before what somebody has; of these the worse and the newer ones first.
    _order = "state, severity desc, fired_at desc, id desc"
    _rec_name = "name"
    _rec_names_search = ["rule_name", "report_id"]
    _readable_by = ("report_id", "alert_id")
    _mail_post_access = "read"

    name = fields.Char(compute="_compute_name")
    alert_id = fields.Many2one(
        "kpi.smart.alert", "Rule", readonly=True, ondelete="set null", index=True
    )
    rule_name = fields.Char(required=True, readonly=True)
    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="report_id.company_id", store=True, precompute=True, index=True
    )
    definition_id = fields.Many2one(
        related="report_id.definition_id",
        string="KPI Definition",
        store=True,
        precompute=True,
        index=True,
    )
    # whose rule it is, where only they are told
    personal_user_id = fields.Many2one(
        "res.users", "Private To", readonly=True, ondelete="cascade", index=True
    )
    alert_type = fields.Selection(ALERT_TYPES, required=True, readonly=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    compared = fields.Selection(COMPARED, string="Comparison", readonly=True)
    # what was found, as the latest evaluation has it
    since_period = fields.Date(readonly=True, help="First of the consecutive periods.")
    value = OptionalFloat(readonly=True, aggregator=False)
    measured = OptionalFloat(
        "Compared Value",
        readonly=True,
        aggregator=False,
        help="Value, share, achievement or change compared with the threshold.",
    )
    limit = OptionalFloat(readonly=True, aggregator=False)
    details = fields.Json(readonly=True)
    # its course
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        readonly=True,
        default="firing",
        index=True,
    )
    fired_at = fields.Datetime("Since", required=True, readonly=True)
    evaluated_at = fields.Datetime("Last Evaluated", readonly=True)
    assignee_id = fields.Many2one(
        "res.users", "Assigned To", readonly=True, ondelete="set null", index=True
    )
    acknowledged_at = fields.Datetime(readonly=True)
    acknowledged_by_id = fields.Many2one(
        "res.users", readonly=True, ondelete="set null"
    )
    snoozed_until = fields.Datetime(readonly=True)
    resolved_at = fields.Datetime(readonly=True)
    resolved_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    resolution = fields.Selection(RESOLUTIONS, readonly=True)
    resolution_note = fields.Char(readonly=True)
    reason_id = fields.Many2one(
        "kpi.alert.reason", "Resolution Reason", readonly=True, ondelete="restrict"
    )
    addressee_ids = fields.Many2many(
        "res.users",
        "kpi_alert_event_told_rel",
        string="Recipients",
        readonly=True,
        exportable=False,
        groups="base.group_system",
        help="Recipients defined by the rule. They can act on the alert.",
    )
    next_step_at = fields.Datetime(
        "Next Step", readonly=True, help="Escalation, reminder or end of snooze."
    )
    can_act = fields.Boolean(compute="_compute_can_act", exportable=False)
    is_initial = fields.Boolean(
        "Found at Activation",
        readonly=True,
        help="Found when the rule was turned on or changed.",
    )
    cleared_period = fields.Date(
        "Clearing Period",
        readonly=True,
    )
    cleared_value = OptionalFloat(
        "Clearing Value",
        readonly=True,
        aggregator=False,
    )
    reason = fields.Char(
        compute="_compute_reason",
    )

    _open_uniq = models.UniqueIndex(
        "(alert_id, report_id) WHERE state <> 'resolved'",
        "This rule already has an open alert for this KPI.",
    )
    _report_idx = models.Index("(report_id, fired_at DESC)")
    _step_idx = models.Index(
        "(next_step_at) WHERE state <> 'resolved' AND next_step_at IS NOT NULL"
    )

    @api.depends("report_id.name", "rule_name")
    def _compute_name(self):
        for event in self:
            event.name = f"{event.rule_name}: {event.report_id.name}"

    @api.depends("report_id", "assignee_id", "addressee_ids", "personal_user_id")
    @api.depends_context("uid")
    def _compute_can_act(self):
        editable = self.report_id._filtered_access("write")
        for event in self:
            event.can_act = event.report_id in editable or event._is_concerned()

    def _is_concerned(self):
        """Whether the alert is addressed to the user, or is theirs to look after."""
        # Whom it is addressed to is no secret from themselves.
        event, user = self.sudo(), self.env.user
        responsible = event.report_id.owner_id | event.assignee_id
        return user in (responsible | event.addressee_ids | event.personal_user_id)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Severities by how bad they are, states by who has to do something."""
        if field_name not in RANKS:
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        sql_field = self._field_to_sql(alias, field_name, query)
        query._order_groupby.append(sql_field)
        return SQL("%s %s", self._rank_sql(field_name, sql_field), direction)

    @api.model
    def _rank_sql(self, field_name, sql_field):
        """The place of a word in its order, by ``RANKS``."""
        return SQL("(%s::jsonb->>%s)::int", json.dumps(RANKS[field_name]), sql_field)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Of severities the worst is the largest."""
        if aggregate_spec != WORST:
            return super()._read_group_select(aggregate_spec, query)
        severity = self._field_to_sql(self._table, "severity", query)
        return SQL("max(%s)", self._rank_sql("severity", severity))

    @api.model
    def _get_read_group_order(self, dict_order, groupby, aggregates):
        """KPIs with the worst alerts come first, of these the ones with the newest."""
        order = super()._get_read_group_order(dict_order, groupby, aggregates)
        if "definition_id" not in groupby or "definition_id" in dict_order:
            return order
        return order.replace("definition_id", WORST_FIRST)

    @api.model
    def _fire(self, rows):
        """Open alerts by one statement; an open one of the same rule and KPI stays.

        Those that somebody has resolved by hand for their period, or a later one, are
        left out. Of two evaluations at once the unique index lets one open an alert;
        the other leaves it out, or is run again where it could not see it.

        :param rows: list of values of new alerts, as superuser, in any order
        :return: those that are new
        """
        if not rows:
            return self.browse()
        self.flush_model()
        now = fields.Datetime.now()
        stored = [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type
        ]
        moments = ("create_date", "evaluated_at", "fired_at", "write_date")
        defaults = {
            **dict.fromkeys(moments, now),
            **dict.fromkeys(("create_uid", "write_uid"), self.env.uid),
            **self.default_get(stored),
        }
        names = sorted({*defaults, *set().union(*rows)})
        statement = SQL(
            """
            INSERT INTO kpi_alert_event
                   (%(names)s, company_id, definition_id, flapping_since, next_step_at)
            SELECT %(given)s, report.company_id, report.definition_id,
                   %(flapping_since)s, %(level_at)s
              FROM jsonb_populate_recordset(
                       NULL::kpi_alert_event, %(rows)s) AS given
              JOIN kpi_report AS report ON report.id = given.report_id
             WHERE NOT EXISTS (
                     SELECT FROM kpi_alert_event AS decided
                      WHERE decided.alert_id = given.alert_id
                        AND decided.report_id = given.report_id
                        AND decided.period_start >= given.period_start
                        AND decided.resolution = 'person'
                        AND decided.alert_type <> 'restated')
          ORDER BY given.alert_id, given.report_id
                ON CONFLICT (alert_id, report_id) WHERE state <> 'resolved'
                   DO NOTHING
         RETURNING id
            """,
            names=SQL(", ").join(map(SQL.identifier, names)),
            given=SQL(", ").join(SQL.identifier("given", name) for name in names),
            flapping_since=self._flapping_since_sql(),
            level_at=self._next_level_sql(SQL("given"), SQL("given.fired_at")),
            rows=json.dumps([{**defaults, **row} for row in rows], default=str),
        )
        self.env.cr.execute(statement)
        new = self.browse([id_ for (id_,) in self.env.cr.fetchall()])
        self.invalidate_model()
        self.env["kpi.smart.alert"].invalidate_model(["event_ids"])
        if new:
            new._announce("fired")
        return new

    def _resolve(self, resolution, note=False, reason=None):
        """End alerts, as superuser, by one statement however many they are.

        :param reason: ``kpi.alert.reason`` that somebody chose; ``note``: their words
        """
        if not self:
            return
        self.flush_model()
        statement = SQL(
            """
            UPDATE kpi_alert_event
               SET state = 'resolved', resolved_at = %(now)s,
                   resolution = %(resolution)s, resolution_note = %(note)s,
                   reason_id = %(reason)s, next_step_at = NULL,
                   snoozed_until = NULL, write_uid = %(uid)s, write_date = %(now)s
             WHERE id = ANY(%(ids)s)
               AND state <> 'resolved'
         RETURNING id
            """,
            now=fields.Datetime.now(),
            resolution=resolution,
            note=note or None,
            reason=reason.id or None if reason else None,
            uid=self.env.uid,
            ids=self.ids,
        )
        rows = self.env.execute_query(statement)
        self.invalidate_model()
        if rows:
            self.browse(sorted(id_ for (id_,) in rows))._announce("resolved")

    def action_acknowledge(self):
        """Say that somebody has seen to it: nobody else is told.

        What somebody has acknowledged already stays theirs.

        :return: True, or a notification that says who was first
        """
        found = self._find_open_to_act_on()
        events = found.filtered(lambda event: event.state != "acknowledged")
        events.write(
            {
                "state": "acknowledged",
                "acknowledged_at": fields.Datetime.now(),
                "acknowledged_by_id": self.env.uid,
                "snoozed_until": False,
                "next_step_at": False,
            }
        )
        for event in events:
            event.assignee_id = event.assignee_id or self.env.user
        if events:
            events._announce("acknowledged")
        return self._say_who_was_first(events)

    def action_snooze(self, until: GivenMoment):
        """Say nothing more of it until a moment (UTC), or until it is over.

        :return: as ``action_acknowledge``
        """
        until = fields.Datetime.to_datetime(until)
        now = fields.Datetime.now()
        if not until or until <= now:
            raise UserError(self.env._("Choose a future time."))
        if until > now + LONGEST_SNOOZE:
            raise UserError(self.env._("Choose a time within the next year."))
        events = self._find_open_to_act_on()
        events.write(
            {"state": "snoozed", "snoozed_until": until, "next_step_at": until}
        )
        if events:
            events._announce("snoozed")
        return self._say_who_was_first(events)

    def action_resolve(
        self, reason_id: Id | Nothing = False, note: Text | Nothing = False
    ):
        """End it by hand; it fires again with the next period that breaks the rule.

        :return: as ``action_acknowledge``
        """
        reason = self.env["kpi.alert.reason"].browse(reason_id or [])
        if reason != reason.exists():
            raise UserError(
                self.env._("This reason no longer exists. Choose another one.")
            )
        events = self._find_open_to_act_on()
        events.resolved_by_id = self.env.user
        events._resolve("person", note, reason)
        return self._say_who_was_first(events)

    def _find_open_to_act_on(self):
        """The open ones, as superuser, once the user may act on all; nobody else does
        before this transaction ends.

        :raises AccessError: alerts that the user sees, but that are others' business
        """
        self.check_access("read")
        refused = self.filtered(lambda event: not event.can_act)
        if refused:
            raise AccessError(
                self.env._(
                    "You are not allowed to act on these alerts: %s",
                    ", ".join(refused.mapped("name")),
                )
            )
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "SELECT id FROM kpi_alert_event WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset()
        # Alerts are the engine's; who may act on them was asked above.
        return self.sudo().filtered(lambda event: event.state != "resolved")

    def _say_who_was_first(self, changed):
        """True, or a notification of what others did to the unchanged ones."""
        # Who has seen to an alert is for all who may act on it.
        late = (self.sudo() - changed).filtered(
            lambda event: event._get_last_person() != self.env.user
        )
        if not late:
            return True
        lines = []
        for event in late:
            person = event._get_last_person().name
            if event.state != "resolved":
                said = self.env._("%s has already acknowledged it.", person)
            elif person:
                said = self.env._("%s has already resolved it.", person)
            else:
                said = self.env._("It has already ended.")
            lines.append(f"{event.name}: {said}")
        close = {"type": "ir.actions.act_window_close"}
        return show_notification(" ".join(lines), type="warning", next=close)

    def _get_last_person(self):
        """Who has resolved the alert, else who has acknowledged it."""
        is_over = self.state == "resolved"
        return self.resolved_by_id if is_over else self.acknowledged_by_id

    @api.model
    def _apply(self, watched, findings, initial):
        """Open, go on with and end alerts by the ``Finding`` of what was evaluated.

        :param initial: pairs (rule id, report id) of rules that were turned on
        """
        # Alerts are the engine's.
        events, known = self.sudo(), watched.open_alerts
        going_on, cleared, ended = [], [], defaultdict(list)
        for each in findings:
            alert = known.get(each.key)
            if alert and (each.fires or each.goes_on):
                columns = {"id": alert.id, **each.get_columns()}
                since = alert.since_period or columns["since_period"]
                columns["since_period"] = min(since, columns["since_period"])
                going_on.append(columns)
            if alert and each.resolution:
                ended[each.resolution].append(alert.id)
                cleared.append(
                    {
                        "id": alert.id,
                        "cleared_period": each.period_start,
                        "cleared_value": each.value,
                    }
                )
        events._update_rows(going_on)
        events._update_rows(cleared)
        for resolution, ids in sorted(ended.items()):
            events.browse(ids)._resolve(resolution)
        rules = {rule.id: rule for rule in watched.rules}
        events._fire(
            [
                self._prepare_event_values(
                    rules[each.alert_id],
                    each,
                    watched.kpis[each.report_id].frame.grain,
                    each.key in initial,
                )
                for each in findings
                if each.fires and each.key not in known
            ]
        )

    @api.model
    def _prepare_event_values(self, rule, finding, grain, is_initial):
        is_compared = rule.alert_type == "threshold_breach"
        return {
            "alert_id": rule.id,
            "rule_name": rule.name,
            "report_id": finding.report_id,
            "personal_user_id": rule.owner_id.id if rule.is_personal else None,
            "alert_type": rule.alert_type,
            "severity": rule.severity,
            "compared": rule.compared if is_compared else None,
            "grain": grain,
            "is_initial": is_initial,
            **finding.get_columns(),
        }

    @api.model
    def _update_rows(self, rows):
        """Write many rows by one statement, where they differ."""
        if not rows:
            return
        self.flush_model()
        names = sorted(rows[0].keys() - {"id"})
        given, stored = (
            SQL(", ").join(SQL.identifier(table, name) for name in names)
            for table in ("given", "event")
        )
        statement = SQL(
            """
            UPDATE kpi_alert_event AS event
               SET (%(names)s, evaluated_at) = ROW(%(given)s, %(now)s)
              FROM jsonb_populate_recordset(
                       NULL::kpi_alert_event, %(rows)s) AS given
             WHERE event.id = given.id
               AND ROW(%(stored)s) IS DISTINCT FROM ROW(%(given)s)
            """,
            names=SQL(", ").join(map(SQL.identifier, names)),
            given=given,
            stored=stored,
            now=fields.Datetime.now(),
            rows=json.dumps(rows, default=str),
        )
        self.env.cr.execute(statement)
        self.invalidate_model()

    @api.depends_context("lang")
    @api.depends("details", "measured", "limit", "period_start", "since_period")
    def _compute_reason(self):
        """Why it fires, by ``alert_type``: the method ``_describe_<value>``."""
        for event in self:
            event.reason = getattr(event, f"_describe_{event.alert_type}")()

    def _get_dated_reason(self):
        """Why it fires, with the period that this is about."""
        reason, period = self.reason or self.rule_name, self._get_unnamed_period()
        if not period:
            return reason
        return self.env._("%(period)s: %(reason)s", period=period, reason=reason)

    def _get_reason_beside(self, period_label):
        """Why it fires, beside a value of its KPI: in words about the same period.

        Beside a value of another period its rule, and since when it is open.
        """
        if self.period_label == period_label:
            return self._get_dated_reason()
        local = fields.Datetime.context_timestamp(self, self.fired_at)
        return self.env._(
            "%(rule)s (open since %(day)s)",
            rule=self.rule_name,
            # Meetings that were held have these words for good.
            day=format_day(self.env, local.date(), with_year=True),
        )

    def _get_dated_name(self):
        """Name of the KPI before the reason, with the period that this is about."""
        # Who sees the alert sees the KPI's name.
        name, period = self.report_id.sudo().name, self._get_unnamed_period()
        return f"{name}, {period}" if period else name

    def _get_unnamed_period(self):
        """Its period, where the reason does not name it already."""
        self.ensure_one()
        label = self.period_label or ""
        return "" if label in (self.reason or "") else label

    def _describe_threshold_breach(self):
        details = self.details or {}
        if "newest" in details:
            newest = fields.Date.to_date(details["newest"])
            if not newest:
                return self.env._("No value for %s or earlier", self.period_label)
            return self.env._(
                "No value for %(period)s; last value from %(newest)s",
                period=self.period_label,
                newest=self.report_id._get_period_label(newest),
            )
        if self.measured is False:
            return ""
        text = self.env._(
            "%(number)s, %(condition)s",
            number=self._say_measured(details),
            condition=self._say_condition(details),
        )
        # How long the rule has been broken for says nothing of what breaks it no more.
        if details.get("not_yet") is None:
            text = self._add_duration(text)
        return self._add_target(text, details)

    def _describe_trend_deterioration(self):
        # Of almost nothing a percentage says nothing.
        if self.measured is False or abs(self.measured) >= 100 * MAX_RELATIVE:
            return self.env._("Getting worse")
        size = format_percent(self.env, abs(self.measured) / 100, 1)
        change = format_signed(self.env, self.measured, size)
        # A trend is found over all periods; the last three may go the other way.
        worse = WORSE.get(self.report_id.direction)
        if worse and self.measured * worse <= 0:
            return self.env._(
                "Long-term worsening, despite %s over three periods", change
            )
        return self.env._("Getting worse: %s over three periods", change)

    def _describe_target_risk(self):
        if self.measured is False:
            return ""
        # Nothing that is forecast is certain.
        chance = min(max(self.measured, 1.0), 99.0)
        return self.env._(
            "Chance of reaching the target: %(chance)s, below %(limit)s",
            chance=format_percent(self.env, chance / 100, 0),
            limit=format_percent(self.env, self.limit / 100, 0),
        )

    def _describe_anomaly_detected(self):
        details = self.details or {}
        found = self.env["kpi.anomaly"].new(
            {
                "report_id": self.report_id.id,
                "kind": details.get("kind", "spike"),
                "period_start": self.since_period,
                "oddest_start": self.period_start,
                "value": self.value,
                "expected": self.limit,
                "margin": details.get("margin") or 0.0,
            }
        )
        return found._describe()

    def _describe_restated(self):
        details = self.details or {}
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.report_id.sudo().definition_id
        causes = self.env["kpi.restatement"]._get_cause_texts()
        texts = {
            "period": self.period_label,
            "old": kpi._format_rounded(details.get("old") or 0.0, 1),
            "cause": causes.get(details.get("cause"), ""),
        }
        new = details.get("new")
        if new is None:
            return self.env._(
                "%(period)s changed from %(old)s to no value: %(cause)s", **texts
            )
        return self.env._(
            "%(period)s changed from %(old)s to %(new)s: %(cause)s",
            new=kpi._format_rounded(new, 1),
            **texts,
        )

    def _say_measured(self, details):
        """What was compared: “70”, “70% of the target”, …"""
        number = self._format_compared(self.measured, self._count_decimals(details))
        if self.compared == "achievement" and details.get("is_running"):
            return self.env._("Achievement so far %s", number)
        texts = {
            "target": self.env._("%s of target", number),
            "achievement": self.env._("Achievement %s", number),
            "previous": self.env._("%s vs previous period", number),
            "last_year": self.env._("%s vs last year", number),
            "baseline": self.env._("%s vs baseline", number),
        }
        return texts.get(self.compared, number)

    def _say_condition(self, details):
        """What the rule says of it: “below 85”, …"""
        extra, high = self._count_decimals(details), details.get("limit_high")
        clear = details.get("not_yet")
        if clear is not None:
            text = self._format_compared(clear, extra)
            if self.measured > clear:
                return self.env._("not yet down to %s", text)
            return self.env._("not yet up to %s", text)
        limit = self._format_compared(self.limit, extra)
        if high is not None:
            if self.measured > high:
                return self.env._("above %s", self._format_compared(high, extra))
            return self.env._("below %s", limit)
        if details.get("condition") == "above":
            return self.env._("above %s", limit)
        return self.env._("below %s", limit)

    def _count_decimals(self, details):
        """Decimals needed beside the usual ones to see that a limit was passed."""
        clear = details.get("not_yet")
        limit = self.limit if clear is None else clear
        for extra in range(MOST_EXTRA):
            measured = self._format_compared(self.measured, extra)
            if measured != self._format_compared(limit, extra):
                return extra
        return 0

    def _format_compared(self, number, extra):
        if self.compared == "value":
            # Who sees a KPI reads its numbers in its unit.
            return self.report_id.sudo().definition_id._format_rounded(number, extra)
        share = number if self.compared == "target" else number / 100
        return format_percent(self.env, share, extra)

    def _add_duration(self, text):
        """The text with how many periods in a row it holds for."""
        # What periods are called is no secret.
        calendar = self.report_id.sudo().definition_id.calendar_id
        since = min(self.since_period or self.period_start, self.period_start)
        count = len(calendar._periods(self.grain, since, self.period_start))
        if count == 1:
            return text
        said = {"reason": text, "count": count}
        texts = {
            "day": self.env._("%(reason)s for %(count)s days", **said),
            "week": self.env._("%(reason)s for %(count)s weeks", **said),
            "month": self.env._("%(reason)s for %(count)s months", **said),
            "quarter": self.env._("%(reason)s for %(count)s quarters", **said),
            "year": self.env._("%(reason)s for %(count)s years", **said),
        }
        return texts[self.grain]

    def _add_target(self, text, details):
        """The text with how far the value misses its target, unless it says so."""
        target = details.get("target") or 0.0
        is_said = self.compared in ("target", "achievement")
        if target <= 0 or self.value is False or is_said:
            return text
        gap = self.value / target - 1
        share = format_percent(self.env, abs(gap), 0)
        if self.report_id.direction == "higher" and gap < 0:
            return self.env._(
                "%(reason)s; %(share)s under target", reason=text, share=share
            )
        if self.report_id.direction == "lower" and gap > 0:
            return self.env._(
                "%(reason)s; %(share)s over target", reason=text, share=share
            )
        return text


class KpiAlertReason(models.Model):
    """Why somebody resolved an alert."""

    _name = "kpi.alert.reason"
    _description = "KPI Alert Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_useless = fields.Boolean("Not Useful", help="Counts as a false alarm.")
