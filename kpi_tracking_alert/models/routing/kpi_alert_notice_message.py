from collections import defaultdict

from odoo import api, fields, models

from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.formatting import format_moment

from ...engine.message_text import MessageTextError, fill

OVER = "resolved"
MOST_CHARTS = 3
RECORDS_PATH = "kpi-alert-records"  # of the action that opens them, or the KPI
SMALL_ZOOM = 1.5  # of several charts: some 25 KB each


class KpiAlertNotice(models.Model):
    """What a message says, written for its reader when it is sent."""

    _inherit = "kpi.alert.notice"

    @api.model
    def _render_delivery(self, delivery, lines):
        """As ``kpi.delivery`` asks for it: as the reader, of what they may see."""
        events = self.env["kpi.alert.event"]
        told = [(events.browse(line.res_id), line.data) for line in lines]
        return self._compose(told, delivery.user_id)

    @api.model
    def _compose(self, told, person=None):
        """``Message`` about (alert, data of its line), worst first, for ``person``.

        The alerts of a KPI are one line.
        """
        by_kpi = defaultdict(list)
        for event, data in told:
            by_kpi[event.report_id, data["change"] == OVER].append((event, data))
        first, data = told[0]
        parts = first._describe_parts_line() if data["change"] != OVER else ()
        title, text = self._say_counts(by_kpi)
        if len(by_kpi) == 1 and not text:
            events = first.union(*(event for event, _data in told))
            picture, picture_text = first._draw_chart()
            return Message(
                title=first._get_headline(data) if len(events) == 1 else title,
                lines=[first._describe_line(data, others=told[1:]), *parts],
                actions=events._list_actions(person),
                url=first._get_link(),
                picture=picture,
                picture_text=picture_text,
            )
        charted = [key for key in by_kpi if not key[1]][:MOST_CHARTS]
        lines = [
            event._describe_line(of_line, person, key in charted, others)
            for key, ((event, of_line), *others) in by_kpi.items()
        ]
        url = f"{self.get_base_url()}/odoo/kpi-alerts"
        return Message(
            title=title,
            text=text,
            lines=[*lines, *parts],
            actions=(Action(self.env._("Open Alerts"), url),),
            url=url,
        )

    @api.model
    def _say_counts(self, by_kpi):
        """Subject about several alerts, and what of them has no line, in words.

        :param by_kpi: (KPI, whether they have ended) → pairs of alert and data
        """
        told = [pair for pairs in by_kpi.values() for pair in pairs]
        first, data = told[0]
        needing = sum(not is_over for _kpi, is_over in by_kpi)
        listed = sum(
            pairs[0][1].get("alert_count", len(pairs))
            for (_kpi, is_over), pairs in by_kpi.items()
            if is_over
        )
        count = max(needing, data.get("kpi_count", 0))
        over = data.get("over_count", listed)
        texts = []
        if count > needing:
            left = count - needing
            texts.append(self.env._("More KPIs in Odoo: %s.", left))
        if over > listed:
            left = over - listed
            texts.append(self.env._("More alerts resolved: %s.", left))
        rules = {event.rule_name for event, _data in told}
        if not count:
            title = self.env._("%s alerts resolved", over)
        elif over:
            title = self.env._(
                "KPIs that need attention: %(count)s; alerts resolved: %(over)s",
                count=count,
                over=over,
            )
        elif len(rules) == 1 and all(event.is_initial for event, _data in told):
            title = self.env._(
                "%(rule)s is on: %(count)s KPIs need attention",
                rule=rules.pop(),
                count=count,
            )
        elif count > 1:
            title = self.env._("%s KPIs need attention", count)
        else:
            # Who sees the alerts sees the KPI's name.
            kpi, count = first.report_id.sudo().name, data.get("alert_count", len(told))
            title = self.env._("%(kpi)s: %(count)s alerts", kpi=kpi, count=count)
        return title, " ".join(texts)


class KpiAlertEvent(models.Model):
    """One alert in a message."""

    _inherit = "kpi.alert.event"

    def _get_link(self):
        return f"{self.get_base_url()}/odoo/kpi-alerts/{self.id}"

    def _get_headline(self, data):
        """Subject of a message about this alert: it carries the number."""
        # Who sees the alert sees the KPI's name.
        name = self.report_id.sudo().name
        if data["change"] == OVER:
            return self.env._("%s: alert resolved", name)
        value = self._say_value(self.value)
        is_compared = self.alert_type == "threshold_breach"
        if self.alert_type in ("anomaly_detected", "restated") or (
            is_compared and self.compared == "value"
        ):
            value = ""  # the reason says it already: “5.0, below 8.0”
        words = {
            "kpi": self._get_dated_name(),
            "value": value,
            "reason": self.reason or self.rule_name,
        }
        if not value:
            return self.env._("%(kpi)s: %(reason)s", **words)
        if self.alert_type == "target_risk":
            return self.env._("%(kpi)s: expected %(value)s · %(reason)s", **words)
        return self.env._("%(kpi)s: %(value)s · %(reason)s", **words)

    def _describe_line(self, data, person=None, has_chart=False, others=()):
        """What a message says of this alert, which ``person`` may acknowledge.

        :param others: milder ones of its KPI, as pairs of alert and data
        """
        picture, picture_text = (
            self._draw_chart(SMALL_ZOOM) if has_chart else (None, "")
        )
        is_over = data["change"] == OVER
        is_forecast = self.alert_type == "target_risk"
        label = self.env._("Expected") if is_forecast else self.env._("Value")
        facts = [
            (self.env._("Period"), self.period_label or ""),
            (label, self._say_value(self.value)),
            (
                self.env._("Current value"),
                is_over and self._say_value(self.cleared_value),
            ),
        ]
        same = self.union(*(event for event, _data in others))
        rules = [(each._say_severity(), each._say_in_list(self)) for each in same]
        facts += rules if others else [(self.env._("Rule"), self.rule_name)]
        left = data.get("alert_count", 0) - len(others) - 1
        told = [
            self._say_change(data),
            "" if is_over else self._get_own_text() or self.reason or self.rule_name,
            self.env._("Other alerts for this KPI: %s.", left) if left > 0 else "",
        ]
        return Line(
            # Who sees the alert sees the KPI's name.
            title=self.report_id.sudo().name,
            text=" ".join(filter(None, told)),
            tone="good" if is_over else self.severity,
            facts=tuple(fact for fact in facts if fact[1]),
            url=self._get_link(),
            actions=same._list_own_actions(person),
            picture=picture,
            picture_text=picture_text,
        )

    def _say_severity(self):
        labels = dict(self._fields["severity"]._description_selection(self.env))
        return labels[self.severity]

    def _say_in_list(self, first):
        """The alert beside others of its KPI: its rule, and why it fires or ended.

        :param first: the alert whose period the list names
        """
        is_of_other = self.period_label != first.period_label
        reason = self._get_dated_reason() if is_of_other else self.reason
        said = self._say_end() if self.state == "resolved" else reason
        return f"{self.rule_name}: {said}" if said else self.rule_name

    def _list_own_actions(self, person):
        """The link by which ``person`` acknowledges those of these that they may."""
        waiting = self._find_to_acknowledge().filtered("can_act")
        if not person or not waiting:
            return ()
        link = waiting._get_acknowledge_link(person)
        return (Action(self.env._("Acknowledge"), link),)

    def _say_change(self, data):
        """Why the reader is told now, in words; empty for what is simply new."""
        change = data["change"]
        if change == OVER:
            return self._say_end()
        if data.get("is_flapping"):
            return self.env._(
                "This alert changes often. Notifications pause until it is stable."
            )
        passed = fields.Datetime.now() - self._get_start()
        minutes = max(round(passed.total_seconds()) // 60, 1)
        is_repeated = change == "reminded" and self.state == "firing"
        if change == "escalated" or is_repeated and minutes >= 60:
            if minutes < 120:
                return self.env._("Not acknowledged for %s min.", minutes)
            hours = minutes // 60
            if hours < 48:
                return self.env._("Not acknowledged for %s hours.", hours)
            return self.env._("Not acknowledged for %s days.", hours // 24)
        if change == "reminded":
            return self.env._("Still open.")
        if self.is_initial:
            return self.env._("Found at activation.")
        return ""

    def _say_end(self):
        """How the alert has ended, in words."""
        ends = {
            "cleared": self.env._("Back to normal."),
            "corrected": self.env._("The value was corrected."),
            "person": self.env._(
                "Resolved by %s.", self.sudo().resolved_by_id.name or ""
            ),  # who did it is told to all who were alarmed
            "rule": self.env._("The rule has changed."),
            "kpi": self.env._("The KPI is no longer tracked."),
        }
        said = [ends.get(self.resolution, ""), self.resolution_note or ""]
        return " ".join(filter(None, said))

    def _say_value(self, value):
        """A value in three digits with its unit; empty where there is none."""
        return "" if value is False else self._format_short(value)

    def _list_actions(self, person):
        """What ``person``, or a channel where there is none, can do from here, about
        the alerts of a KPI, the worst first.
        """
        link = self[0]._get_link()
        page = Action(self.env._("Open Alert"), link)
        # What a KPI counts is known to whoever sees it.
        counts = self.report_id.sudo().definition_id.computation == "records"
        label = self.env._("Open Records") if counts else self.env._("Open KPI")
        kpi = Action(label, f"{link}/{RECORDS_PATH}")
        return (*self._list_own_actions(person), page, kpi)

    def _get_own_text(self):
        """The own text of the rule, filled in; empty where it has none."""
        # What the rule says of an alert is for all who are told of it.
        text = self.sudo().alert_id.message_text
        if not text:
            return ""
        # Names of a KPI and its responsible are known to whoever sees it.
        report = self.report_id.sudo()
        values = {
            "kpi": report.name,
            "value": self._say_value(self.value),
            "period": self.period_label or "",
            "since": format_moment(self.env, self.fired_at),
            "reason": self.reason or self.rule_name,
            "severity": self._say_severity(),
            "rule": self.rule_name,
            "responsible": report.owner_id.name or "",
            "link": self._get_link(),
        }
        try:
            return fill(text, values)
        except MessageTextError:  # written before a name was taken away
            return text
