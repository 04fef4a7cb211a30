from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

MOST = 100
SOON = "today +7d"
LATELY = "today -7d"
# 0 = late or broken, 1 = somebody waits, 2 = soon
URGENCY = {
    "overdue": 0,
    "job": 0,
    "leaver": 0,
    "delivery": 0,
    "approval": 1,
    "team": 1,
    "data": 1,
    "review": 1,
    "due": 2,
}


class KpiHome(models.AbstractModel):
    """Items that need somebody now."""

    _inherit = "kpi.home"

    @api.model
    def _alert_items(self, reports=None):
        """List what is overdue, awaits a decision or is off track, most urgent first.

        :param reports: KPIs that the user may see; none: all of them
        :return: list of dicts: ``kind``, ``text``, ``report_id``, ``date``, and
            ``model`` and ``res_id`` of what is to be looked at
        """
        within = Domain("report_id", "in", reports.ids) if reports else Domain.TRUE
        return [
            *self._due_items(within & Domain("state", "=", "overdue")),
            *self._approval_items(within),
            *self._off_track_items(reports),
        ]

    @api.model
    def _due_items(self, within):
        """Entries that are due or overdue, as their state says."""
        dues = self.env["kpi.entry.due"].search_fetch(
            within,
            ["report_id", "grain", "period_start", "due_date", "state"],
            order="due_date, id",
            limit=MOST,
        )
        return [
            self._alert_item(due.state, due, due.report_id, due.due_date)
            for due in dues
        ]

    @api.model
    def _entry_items(self):
        """The user's own entries, overdue or due within days."""
        is_soon = Domain("state", "=", "due") & Domain("due_date", "<=", SOON)
        is_late = Domain("state", "=", "overdue")
        return self._due_items(
            Domain("user_id", "=", self.env.uid) & (is_late | is_soon)
        )

    @api.model
    def _find_waiting(self):
        """Whether the user owes any entry, and whether they are asked to approve any.

        Most have neither, and what they may see of it takes long to ask for.
        """
        for model in ("kpi.entry.duty", "kpi.approval.step"):
            self.env[model].flush_model()
        (found,) = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (SELECT FROM kpi_entry_duty WHERE user_id = %(user)s),
                       EXISTS (SELECT FROM kpi_approval_step
                                WHERE user_id = %(user)s AND state = 'asked')
                """,
                user=self.env.uid,
            )
        )
        return found

    @api.model
    def _counted_items(self, role):
        """What a role has to know the number of, each with its list; one statement.

        An addon extends ``_list_counted``.
        """
        counted = self._list_counted(role)
        if not counted:
            return []
        queries = [self.env[each["model"]]._search(each["domain"]) for each in counted]
        (counts,) = self.env.execute_query(
            SQL(
                "SELECT %s",
                SQL(", ").join(
                    SQL("(%s)", query.select(SQL("COUNT(*)")))
                    if not query.is_empty()
                    else SQL("0")
                    for query in queries
                ),
            )
        )
        return [
            self._prepare_count_item(each, count)
            for each, count in zip(counted, counts, strict=True)
            if count
        ]

    @api.model
    def _list_counted(self, role):
        """List what is counted for a role: dicts of ``kind``, ``model``, ``domain``,
        ``text`` (with %s for the number), and the xml id and context of its list.
        """
        found = []
        if role == "manager":
            found.append(self._prepare_team_count())
        if role in ("administrator", "officer"):
            found += [self._prepare_data_count(), self._prepare_review_count()]
        if role == "administrator":
            found += [*self._prepare_system_counts(), self._prepare_leaver_count()]
        return found

    @api.model
    def _prepare_team_count(self):
        """Entries that the people whose KPIs the user leads are late with."""
        return {
            "kind": "team",
            "model": "kpi.entry.due",
            "domain": Domain("user_id", "!=", self.env.uid)
            & Domain("state", "=", "overdue"),
            "text": self.env._("Overdue entries of your team: %s"),
            "action": "kpi_tracking.kpi_entry_due_action_all",
            "context": {"search_default_open": 0, "search_default_overdue": 1},
        }

    @api.model
    def _prepare_data_count(self):
        """KPIs that have no value for a reason that can be mended."""
        return {
            "kind": "data",
            "model": "kpi.report",
            "domain": Domain("computation_error", "!=", False)
            & Domain("definition_id.active", "=", True),
            "text": self.env._("KPIs without a value: %s"),
            "action": "kpi_tracking.kpi_report_action",
            "context": {"search_default_with_notice": 1},
        }

    @api.model
    def _prepare_review_count(self):
        """KPIs whose badges somebody has to look at again."""
        return {
            "kind": "review",
            "model": "kpi.definition",
            "domain": Domain("certification", "=", "review"),
            "text": self.env._("Certified KPIs to be reviewed: %s"),
            "action": "kpi_tracking.kpi_definition_action",
            "context": {"search_default_review": 1},
        }

    @api.model
    def _prepare_system_counts(self):
        """Jobs and messages that have failed lately."""
        failed = Domain("state", "=", "failed") & Domain("create_date", ">=", LATELY)
        listed = {"domain": failed, "context": {"search_default_failed": 1}}
        return [
            {
                **listed,
                "kind": "job",
                "model": "kpi.job",
                "text": self.env._("Jobs that failed in the last 7 days: %s"),
                "action": "kpi_base.kpi_job_action",
            },
            {
                **listed,
                "kind": "delivery",
                "model": "kpi.delivery",
                "text": self.env._("Messages that failed in the last 7 days: %s"),
                "action": "kpi_base.kpi_delivery_action",
            },
        ]

    @api.model
    def _prepare_leaver_count(self):
        """People who have left, and still answer for something."""
        return {
            "kind": "leaver",
            "model": "res.users",
            "domain": Domain("kpi_has_duties", "=", True)
            & Domain("active", "=", False),
            "text": self.env._("People who have left and still answer for KPIs: %s"),
            "action": "kpi_base.kpi_leaver_action",
            "context": {"active_test": False},
        }

    @api.model
    def _approval_items(self, within=Domain.TRUE):
        """Entries that the user decides on, of some KPIs."""
        entries = self.env["kpi.submission"].search_fetch(
            within & Domain("can_decide", "=", True),
            ["report_id", "grain", "period_start", "due_date"],
            order="period_start, id",
            limit=MOST,
        )
        return [
            self._alert_item("approval", entry, entry.report_id, entry.due_date)
            for entry in entries
        ]

    @api.model
    def _off_track_items(self, reports):
        domain = Domain("status", "=", "off_target")
        domain &= Domain("definition_id.active", "=", True)
        if reports:
            domain &= Domain("id", "in", reports.ids)
        found = self.env["kpi.report"].search_fetch(
            domain,
            ["name", "current_period_start"],
            order="distance_percent desc, id",
            limit=MOST,
        )
        return [
            self._alert_item("off_target", report, report, report.current_period_start)
            for report in found
        ]

    @api.model
    def _alert_item(self, kind, record, report, day):
        period = "" if record == report else f", {record.period_label}"
        item = self._prepare_need(kind, record, f"{report.name}{period}", day)
        return {**item, "report_id": report.id}

    @api.model
    def _prepare_need(self, kind, record, text, day, urgency=None):
        """An item of “Waiting for you”, which opens ``record``.

        :param kind: under which its look is registered in the browser
        :param day: when it is or was due; None where nothing says so
        :param urgency: 0 = late, 1 = somebody waits, 2 = soon; by ``kind`` if None
        """
        return {
            "kind": kind,
            "text": text,
            "report_id": False,
            "date": day.isoformat() if day else None,
            "model": record._name,
            "res_id": record.id,
            "action": None,
            "count": 1,
            "urgency": URGENCY.get(kind, 1) if urgency is None else urgency,
        }

    @api.model
    def _prepare_count_item(self, counted, count):
        """One item for all that was counted; it opens a list of them.

        :param counted: as ``_list_counted`` has it
        """
        text = counted["text"] % count
        item = self._prepare_need(counted["kind"], self.browse(), text, None)
        opened = {"xml_id": counted["action"], "context": counted["context"]}
        return {**item, "action": opened, "count": count}
