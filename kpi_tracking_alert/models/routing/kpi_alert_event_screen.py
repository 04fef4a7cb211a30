from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_dialog, open_form, open_list
from odoo.addons.kpi_base.engine.message import Line
from odoo.addons.kpi_base.formatting import format_moment
from odoo.addons.kpi_base.rights import remember_rights, search_by
from odoo.addons.kpi_tracking.models.report.kpi_report import WIDEST
from odoo.addons.kpi_tracking_dashboard.engine.drawing.charts import draw_line
from odoo.addons.kpi_tracking_dashboard.engine.drawing.payload import (
    ChartTile,
    PayloadError,
    Series,
)
from odoo.addons.kpi_tracking_dashboard.engine.output.reading import (
    add_ticks,
    read_targets,
)
from odoo.addons.kpi_tracking_dashboard.models.output.kpi_dashboard_records import (
    MAIL_WIDTH,
    ZOOM,
    painter,
)

from ...engine.routing import SEVERITY_RANKS

MOST_PERIODS = 12
MAIL_SIZE = (float(MAIL_WIDTH), 240.0)
MOST_PARTS = 3
MOST = 80
CHANGED = "kpi_tracking_alert.changed"
# of alerts: a KPI counts once, however many levels it is tracked for
KPI_COUNT = SQL(
    """
    COUNT(DISTINCT (SELECT ROW(definition_id, company_id)
                      FROM kpi_report
                     WHERE id = kpi_alert_event.report_id))
    """
)


class KpiAlertEvent(models.Model):
    """What screens and timelines show of alerts."""

    _name = "kpi.alert.event"
    _inherit = ["kpi.alert.event", "kpi.timeline.mixin"]

    is_mine = fields.Boolean(
        "Mine",
        compute="_compute_is_mine",
        search=search_by("_get_own_domain"),
        exportable=False,
    )
    is_muted = fields.Boolean(
        "Muted by Me", compute="_compute_is_muted", exportable=False
    )
    can_open_rule = fields.Boolean(compute="_compute_can_open_rule", exportable=False)
    sparkline = fields.Json("Trend", compute="_compute_sparkline", exportable=False)
    is_open = fields.Boolean(
        compute="_compute_is_open",
        search=search_by("_get_open_domain"),
        exportable=False,
    )
    message = fields.Char(compute="_compute_message", exportable=False)
    opened_at = fields.Datetime("Opened", related="fired_at", exportable=False)
    rule = fields.Char("Violated Rule", related="rule_name", exportable=False)
    since = fields.Date("Consecutive Since", related="since_period", exportable=False)

    def _timeline_selects(self):
        """What was told counts by change and moment: one entry for all who were, and
        for all that was told again on a day.

        Who was passed over is for those who see the rule.
        """
        self.env["kpi.alert.change"].flush_model()
        self.env["kpi.alert.notice"].flush_model()
        self.flush_model(["passed_over"])
        changes = SQL(
            """
            SELECT 'change', id, NULL::int, user_id, changed_at, changed_at, NULL::int,
                   jsonb_build_object('change', change, 'until', snoozed_until)
              FROM kpi_alert_change
             WHERE event_id = %s
            """,
            self.id,
        )
        notices = SQL(
            """
            SELECT 'notice', min(notice.id), NULL::int, NULL::int,
                   max(notice.notified_at), max(notice.notified_at), NULL::int,
                   jsonb_build_object(
                     'change', notice.change,
                     'times', count(DISTINCT notice.step),
                     'users', array_agg(DISTINCT notice.user_id)
                              FILTER (WHERE notice.user_id IS NOT NULL),
                     'rooms', array_agg(DISTINCT notice.channel_id)
                              FILTER (WHERE notice.channel_id IS NOT NULL))
              FROM kpi_alert_notice AS notice
             WHERE notice.event_id = %s
               AND notice.state = 'told'
          GROUP BY notice.change,
                   CASE WHEN notice.change = 'reminded'
                        THEN date_trunc('day', notice.notified_at)
                        ELSE notice.notified_at
                    END,
                   CASE WHEN notice.change <> 'reminded' THEN notice.step END
            """,
            self.id,
        )
        passed_over = SQL(
            """
            SELECT 'passed_over', min(place)::int, NULL::int, NULL::int, at, at,
                   NULL::int,
                   jsonb_build_object('users', jsonb_agg(user_id ORDER BY place),
                                      'reasons', jsonb_agg(why ORDER BY place))
              FROM kpi_alert_event AS event
        CROSS JOIN LATERAL ROWS FROM (
                     jsonb_to_recordset(event.passed_over)
                       AS (user_id int, why text, at timestamp)
                   ) WITH ORDINALITY AS noted (user_id, why, at, place)
             WHERE event.id = %s
          GROUP BY at
            """,
            self.id,
        )
        # Less, not more: the timeline itself is read as superuser.
        rule = self.alert_id.sudo(False)
        sees_rule = rule and rule.has_access("read")
        own = [changes, notices, *([passed_over] if sees_rule else [])]
        return [*super()._timeline_selects(), *own]

    def _timeline_change(self, rows):
        field = self.env["kpi.alert.change"]._fields["change"]
        titles = dict(field._description_selection(self.env))
        for row in rows:
            change, until = row["details"]["change"], row["details"]["until"]
            lines = [self._say_end()] if change == "resolved" else []
            if until:
                moment = format_moment(self.env, until.replace("T", " "))
                lines = [self.env._("Until %s", moment)]
            yield {"title": titles[change], "lines": lines}

    def _timeline_notice(self, rows):
        titles = {
            "fired": self.env._("Notified"),
            "escalated": self.env._("Escalated"),
            "reminded": self.env._("Notified again"),
            "resolved": self.env._("Notified of resolution"),
        }
        people = self._name_known("res.users", rows, "users")
        rooms = self._name_known("kpi.alert.channel", rows, "rooms")
        for row in rows:
            details = row["details"]
            whom = [people.get(user_id) for user_id in details["users"] or ()]
            whom += [rooms.get(room_id) for room_id in details["rooms"] or ()]
            names = [name for name in whom if name]
            if len(names) < len(whom):
                names.append(self.env._("others: %s", len(whom) - len(names)))
            title = titles[details["change"]]
            if details["times"] > 1:
                title = self.env._("Notified again, %s times", details["times"])
            yield {"title": title, "lines": [", ".join(names)]}

    def _timeline_passed_over(self, rows):
        reasons = {
            "archived": self.env._("no longer works here"),
            "away": self.env._("away"),
            "company": self.env._("in another company"),
            "access": self.env._("cannot see this KPI"),
            "address": self.env._("has no email address"),
        }
        names = self._name_known("res.users", rows, "users")
        for row in rows:
            details = row["details"]
            pairs = zip(details["users"], details["reasons"], strict=True)
            yield {
                "title": self.env._("Not notified"),
                "lines": [
                    self.env._(
                        "%(person)s: %(reason)s",
                        person=names.get(user_id) or self.env._("Someone"),
                        reason=reasons[why],
                    )
                    for user_id, why in pairs
                ],
            }

    def _name_known(self, model, rows, key):
        """Id → name of the records that the reader may see."""
        ids = {id_ for row in rows for id_ in row["details"][key] or ()}
        # Less, not more: the timeline itself is read as superuser.
        known = self.env[model].sudo(False).browse(ids)._filtered_access("read")
        return {record.id: record.display_name for record in known}

    def _draw_chart(self, zoom=ZOOM):
        """PNG of the periods up to the judged one, or None, and the same in words."""
        try:
            chart = self._build_chart()
        except PayloadError:
            return None, ""
        if not chart:
            return None, ""
        points = zip(chart.categories, chart.series[0].texts, strict=True)
        said = "; ".join(f"{category} {text}" for category, text in points if text)
        text = f"{chart.title}: {said}"
        if not painter():
            return None, text
        dashboards = self.env["kpi.dashboard"]
        drawing = draw_line(replace(chart, size=MAIL_SIZE))
        return dashboards._paint(drawing.as_svg(), MAIL_WIDTH, zoom), text

    def _build_chart(self):
        """``ChartTile`` of the KPI; None where it has no values any more."""
        last = fields.Date.to_string(self.period_start)
        points = self.report_id._history_points(self.grain)
        points = [each for each in points if each["start"] <= last][-MOST_PERIODS:]
        values = tuple(each["value"] for each in points)
        if not any(value is not None for value in values):
            return None
        reader = self.env["kpi.dashboard"]._reader()
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.report_id.sudo()
        unit = reader.unit(kpi.definition_id._unit_description())
        texts = tuple(
            "" if value is None else reader.short(value, unit) for value in values
        )
        targets = tuple(each["target"] for each in points)
        statuses = tuple(each.get("status") or "" for each in points)
        chart = ChartTile(
            title=kpi.name,
            categories=tuple(each["label"] for each in points),
            series=(
                Series(self.env._("Value"), values, texts, statuses=statuses),
                *(
                    Series(name, tuple(levels), ("",) * len(levels))
                    for name, levels in self._list_limits(points)
                ),
            ),
            **read_targets(targets, unit, reader),
            is_running=points[-1]["running"],
        )
        return add_ticks(chart, unit, reader, has_zero=False)

    def _describe_parts_line(self):
        """The parts of the last change, as a separate ``Line``; or none.

        The largest by name and the others together: they add up to the change.
        """
        calendar = self.report_id.sudo().definition_id.calendar_id  # known to readers
        before = calendar._period(
            self.grain, self.period_start - timedelta(days=1)
        ).start
        if self.grain != self.report_id.frequency:
            return ()
        try:
            change = self.report_id.explain_change(before, self.period_start)
        except UserError:
            return ()
        parts = change["parts"]
        if not parts:
            return ()
        named = parts if len(parts) == MOST_PARTS + 1 else parts[:MOST_PARTS]
        facts = tuple((part["label"], part["text"]) for part in named)
        if len(named) < len(parts):
            facts += ((self.env._("Others"), parts[len(named)]["rest_text"]),)
        return (
            Line(self.env._("Largest changes"), text=change["summary"], facts=facts),
        )

    @api.depends("report_id", "assignee_id", "addressee_ids", "personal_user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for event in self:
            event.is_mine = event._is_concerned()

    @api.model
    def _get_own_domain(self):
        uid = self.env.uid
        # Which KPIs are theirs is no secret from the user.
        own = self.env["kpi.report"].sudo()._search([("owner_id", "=", uid)])
        # Nor which alerts are addressed to them.
        addressed = self.sudo()._search([("addressee_ids", "in", [uid])])
        return (
            Domain("report_id", "in", own)
            | Domain("assignee_id", "=", uid)
            | Domain("id", "in", addressed)
            | Domain("personal_user_id", "=", uid)
        )

    @api.model
    def _get_waiting_domain(self):
        """Alerts that wait for the user to acknowledge them."""
        return Domain("state", "=", "firing") & Domain("is_mine", "=", True)

    @api.model
    @api.readonly
    def get_waiting_count(self):
        """Number of KPIs with alerts that wait for the user, as ``_group_by_kpi``."""
        query = self._search(self._get_waiting_domain())
        if query.is_empty():
            return 0
        ((count,),) = self.env.execute_query(query.select(KPI_COUNT))
        return count

    @api.model
    @api.readonly
    def get_centre(self):
        """What needs the user: their open alerts, worst first, and all else.

        :return: dict of ``count`` (of KPIs whose alerts wait for the user), ``alerts``
            (as ``_prepare_items`` makes them) and ``needs`` (as ``kpi.home.get_needs``)
        """
        with remember_rights(self.env):
            mine = Domain("state", "!=", "resolved") & Domain("is_mine", "=", True)
            events = self.search(mine, limit=MOST)
            needs = self.env["kpi.home"].get_needs()
            return {
                "count": self.get_waiting_count(),
                "alerts": events._prepare_items(),
                "needs": [need for need in needs if need["kind"] != "alert"],
            }

    def _group_by_kpi(self):
        """Alerts of one KPI of a company, for whomever it is tracked: of one cause.

        :return: list of recordsets in this order; in each the worst of the widest first
        """
        # Who sees an alert knows which KPI it is of.
        groups = self.grouped(
            lambda event: (event.report_id.sudo().definition_id, event.company_id)
        )
        return [
            same.sorted(
                lambda event: (
                    -SEVERITY_RANKS[event.severity],
                    WIDEST[event.report_id.scope_type],
                )
            )
            for same in groups.values()
        ]

    def action_open_together(self):
        """Open the list of these alerts."""
        domain = [("id", "in", self.ids)]
        return open_list(self.env, "kpi_tracking_alert.kpi_alert_event_action", domain)

    def _prepare_items(self):
        """What the rows of the alert center show: one for each KPI, the
        first of its alerts with the ``others`` in it.
        """
        return [
            {
                **same[0]._prepare_item(),
                "ids": same.ids,
                "waiting_ids": same.filtered(
                    lambda event: event.state == "firing" and event.can_act
                ).ids,
                "others": [event._prepare_item() for event in same[1:]],
            }
            for same in self._group_by_kpi()
        ]

    def _prepare_item(self):
        self.ensure_one()
        # Who sees an alert reads who has it.
        assignee = self.sudo().assignee_id
        return {
            "id": self.id,
            "report_id": self.report_id.id,
            "kpi": self.report_id.name,
            "rule": self.rule_name,
            "reason": self.reason or "",
            "period": self.period_label or "",
            "severity": self.severity,
            "state": self.state,
            "since": fields.Datetime.to_string(self.fired_at),
            "snoozed_until": fields.Datetime.to_string(self.snoozed_until),
            "assignee": assignee.name or "",
            "is_assigned_to_me": assignee == self.env.user,
            "can_act": self.can_act,
        }

    @api.depends("alert_id")
    @api.depends_context("uid")
    def _compute_is_muted(self):
        mutes = self.env["kpi.alert.mute"].search(
            [("user_id", "=", self.env.uid), ("alert_id", "in", self.alert_id.ids)]
        )
        for event in self:
            event.is_muted = event.alert_id in mutes.alert_id

    def action_mute_rule(self):
        """Send the user no messages of these rules any more."""
        self.check_access("read")
        # Whoever sees an alert may want no messages of its rule, which is not shown.
        rules = self.filtered(lambda event: not event.is_muted).sudo().alert_id
        rules.env["kpi.alert.mute"].create(
            [{"user_id": self.env.uid, "alert_id": rule.id} for rule in rules]
        )
        self.invalidate_recordset(["is_muted"])
        return True

    def action_unmute_rule(self):
        """Send the user messages of these rules again."""
        self.check_access("read")
        self.env["kpi.alert.mute"].search(
            [("user_id", "=", self.env.uid), ("alert_id", "in", self.alert_id.ids)]
        ).unlink()
        self.invalidate_recordset(["is_muted"])
        return True

    @api.depends("alert_id")
    @api.depends_context("uid")
    def _compute_can_open_rule(self):
        seen = self.alert_id._filtered_access("read")
        for event in self:
            event.can_open_rule = event.alert_id in seen

    @api.depends("grain", "period_start", "report_id.sparkline")
    def _compute_sparkline(self):
        """The periods that end with the judged one, by one read for all alerts.

        Of a KPI whose periods have another length by now, those it has today.
        """
        # Who sees an alert sees the KPI's trend.
        alerts = self.sudo()
        found, wanted = {}, defaultdict(set)
        for event in alerts:
            report = event.report_id
            calendar = report.definition_id.calendar_id
            if calendar and event.grain == report.frequency:
                judged = calendar._period(event.grain, event.period_start)
                found[event] = report._get_periods_until(judged)
                wanted[report].update(found[event])
        periods_of = {report: list(periods) for report, periods in wanted.items()}
        trends = alerts.report_id._get_trends(periods_of)
        for event in alerts:
            report, periods = event.report_id, found.get(event)
            if not periods:
                event.sparkline = report.sparkline
                continue
            points = dict(zip(periods_of[report], trends[report], strict=True))
            today = report.definition_id.calendar_id._today()
            event.sparkline = {
                "running": periods[-1].stop > today,
                "points": [points[period] for period in periods],
            }

    def action_open_snooze(self):
        """Ask until when."""
        dialog = self.env["kpi.alert.snooze"]
        return open_dialog(dialog, self.env._("Snooze"), default_event_ids=self.ids)

    def action_open_resolve(self):
        """Ask for the reason."""
        dialog = self.env["kpi.alert.resolve"]
        return open_dialog(dialog, self.env._("Resolve"), default_event_ids=self.ids)

    def action_explain(self):
        """Open what explains the value."""
        self.ensure_one()
        return self.report_id.action_explain_period(self.grain, self.period_start)

    def action_open_kpi(self):
        """Open the KPI at the period of the alert."""
        self.ensure_one()
        period = {"kpi_period": fields.Date.to_string(self.period_start)}
        return open_form(self.report_id, context=period)

    def action_open_records(self):
        """Open the records behind the value, as far as the user may read them.

        Where there are none, the KPI at the period of the alert.
        """
        self.ensure_one()
        period = fields.Date.to_string(self.period_start)
        found = self.report_id.get_explanation(period, self.grain).get("records")
        if not found or not found["ids"]:
            return self.action_open_kpi()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "%(kpi)s: %(period)s", kpi=self.report_id.name, period=self.period_label
            ),
            "res_model": found["model"],
            "domain": [("id", "in", found["ids"])],
            "context": {"active_test": False, "create": False},
            "views": [(False, "list"), (False, "form")],
        }

    def action_open_rule(self):
        """Open the rule."""
        self.ensure_one()
        return open_form(self.alert_id)

    def _say_with_others(self, count):
        """The alert in one line, and how many there are beside it."""
        self.ensure_one()
        # Who sees an alert reads who has it.
        assignee = self.sudo().assignee_id.name
        said = self._get_dated_reason()
        if assignee:
            said = self.env._(
                "%(alert)s · assigned to %(name)s", alert=said, name=assignee
            )
        if not count:
            return said
        return self.env._("%(alert)s (and %(count)s more)", alert=said, count=count)

    def _tell_screens(self):
        """Have the screens of those who have to do with these alerts ask anew."""
        precommit = self.env.cr.precommit
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = set()
            # Who hears it is not for whoever made the change to read.
            precommit.add(self.env["kpi.alert.event"].sudo()._send_changed)
        precommit.data[CHANGED].update(self.ids)

    @api.model
    def _send_changed(self):
        events = self.browse(self.env.cr.precommit.data.pop(CHANGED))
        events.flush_model()
        self.env["kpi.report"].flush_model(["owner_id"])
        # Those who are told of them, look after them or after their KPIs.
        statement = """
            SELECT DISTINCT event.report_id, person.partner_id
              FROM kpi_alert_event AS event
              JOIN kpi_report AS report ON report.id = event.report_id
         LEFT JOIN kpi_alert_event_told_rel AS told
                ON told.kpi_alert_event_id = event.id
         LEFT JOIN res_users AS person
                ON person.active
               AND person.id IN (event.assignee_id, event.personal_user_id,
                                 report.owner_id, told.res_users_id)
             WHERE event.id = ANY(%s)
        """
        rows = self.env.execute_query(SQL(statement, events.ids))
        report_ids = sorted({report_id for report_id, _partner_id in rows})
        partner_ids = sorted({partner_id for _report_id, partner_id in rows} - {None})
        # Overviews and dashboards show alerts, too.
        self.env["kpi.report"].browse(report_ids)._announce()
        if partner_ids:
            self.env["bus.bus"]._notify_quickly()
        for partner in self.env["res.partner"].browse(partner_ids):
            self.env["bus.bus"]._sendone(partner, CHANGED, {})

    @api.depends("state")
    def _compute_is_open(self):
        for event in self:
            event.is_open = event.state != "resolved"

    @api.model
    def _get_open_domain(self):
        return Domain("state", "!=", "resolved")

    @api.depends_context("lang")
    @api.depends("period_label", "reason", "report_id.name", "rule_name")
    def _compute_message(self):
        for event in self:
            reason = event.reason or event.rule_name
            event.message = f"{event._get_dated_name()}: {reason}"
