"""What waits for the user, and what calls for attention."""

from datetime import datetime

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.formatting import local_day
from odoo.addons.kpi_base.rights import look_up_once, remember_rights

from ..report.kpi_report import WIDEST

MOST = 100
LATEST = "9999"  # sorts behind all days
# What follows of a decision is computed from these.
APPROVAL_FIELDS = ("asked_at", "content_version", "due_at", "res_id", "res_model")
APPROVAL_FIELDS += ("state", "submitter_id")
SOON = "today +7d"
LATELY = "today -7d"
# late or broken: 0; someone waits: 1; soon: 2
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

COUNTED_BY_ROLE = {
    "manager": ("team",),
    "officer": ("data", "review", "name"),
    "administrator": ("data", "review", "name", "job", "delivery", "leaver"),
}


class KpiHome(models.AbstractModel):
    """What waits for the user, in their order: “Waiting for you”."""

    _inherit = "kpi.home"

    @api.model
    @api.readonly
    def get_needs(self):
        """All items that await the user: overdue ones first, then by role and urgency.

        :return: list of dicts, as ``_prepare_need`` makes them
        """
        first = self._get_first_kinds().get(self._get_role(), ())
        with remember_rights(self.env):
            items = self._get_needs()
        return sorted(
            items,
            key=lambda one: (
                one["urgency"] > 0 or not one["date"],
                one["kind"] not in first,
                one["urgency"],
                one["date"] or LATEST,
                one["due_at"] or LATEST,
            ),
        )

    def _get_first_kinds(self):
        """Role → kinds of items that come first of what is not overdue; addons add."""
        return {
            "administrator": ("job", "delivery"),
            "officer": ("data",),
            "manager": ("approval", "team"),
            "employee": ("overdue", "due"),
        }

    def _get_needs(self):
        """Items that await the user, as ``_prepare_need`` makes them, in their order.

        Read with the user's rights, in a fixed number of statements. An addon adds its
        own, and how a kind looks is registered in the browser, in the bundle
        ``kpi_tracking.assets_home``::

            def _get_needs(self):
                reviews = self.env["my.review"].search([("user_id", "=", self.env.uid)])
                items = [
                    self._prepare_need("review", review, review.name, review.due_date)
                    for review in reviews
                ]
                return [*super()._get_needs(), *items]

            homeNeeds.add("review", { icon: "fa-eye", word: _t("To review") });
        """
        idle = self._find_idle_kinds()
        is_soon = Domain("state", "=", "due") & Domain("due_date", "<=", SOON)
        is_pressing = Domain("state", "=", "overdue") | is_soon
        mine = Domain("user_id", "=", self.env.uid)
        return [
            *(self._due_items(mine & is_pressing) if "due" not in idle else ()),
            *(self._list_approvals() if "approval" not in idle else ()),
            *self._counted_items(self._get_role(), idle),
        ]

    def _find_idle_kinds(self):
        """Kinds of which nothing awaits anyone."""
        queries = self._list_waiting()
        return look_up_once(self.env, "idle", lambda: self._find_idle(queries))

    def _list_approvals(self):
        """What waits for a decision of the user, with the facts that decide."""
        items = self.env["kpi.approval.item"].search_fetch(
            Domain("user_id", "=", self.env.uid) & Domain("state", "=", "asked"),
            APPROVAL_FIELDS,
            order="asked_at, id",
            limit=MOST,
        )
        documents = {
            (document._name, document.id): document
            for same in items._find_seen_documents()
            for document in same
        }
        return [
            self._prepare_approval(item, documents[item.res_model, item.res_id])
            for item in items
            if (item.res_model, item.res_id) in documents
        ]

    def _prepare_approval(self, item, document):
        """As ``_prepare_need``; nothing of content that they were not asked about."""
        is_same = document._get_shown_version() == item.content_version
        due = (is_same and document._get_approval_due()) or item.due_at or None
        due_at = due if isinstance(due, datetime) else None
        if due_at:
            due = local_day(self.env, due_at).date()
            is_late = due_at <= fields.Datetime.now()
        else:
            is_late = due and due < fields.Date.context_today(self)
        urgency = 0 if is_late else 1
        text = document._get_subject() if is_same else document.display_name
        button = None
        if not document._say_hold():
            word = self.env._("Approve")
            if is_same and document._open_approval_dialog():
                word = self.env._("Decide")
            button = self._prepare_button(item, "action_approve", word)
        need = self._prepare_need("approval", document, text, due, urgency, button)
        # The approver may know the submitter.
        submitter = item.submitter_id.sudo()
        return {
            **need,
            "amount": document._get_amount_text() if is_same else "",
            "asked_at": fields.Datetime.to_string(item.asked_at) or None,
            "due_at": fields.Datetime.to_string(due_at) or None,
            "person": {"id": submitter.id, "name": submitter.name},
        }

    def _alert_items(self, reports=None, browse=None):
        """List what is overdue, awaits a decision or is off track, most urgent first;
        all of it is found by one statement.

        :param reports: KPIs that the user may see; none: all of them
        :param browse: ids of KPIs that the user sees → records
        :return: list of dicts: ``kind``, ``text``, ``report_id``, ``date``, and
            ``model`` and ``res_id`` of the record to open
        """
        queries, model_of = [], {}
        within = Domain("report_id", "in", reports.ids) if reports else Domain.TRUE
        asked = self._list_alerting(reports, within)
        idle = self._find_idle({kind: any_ for kind, any_, *_query in asked})
        asked = [one for one in asked if one[0] not in idle]
        for kind, _any, model, domain, order, columns in asked:
            model_of[kind] = records = self.env[model]
            query = records._search(domain, order=order, limit=MOST)
            if not query.is_empty():
                row = [records._field_to_sql(query.table, name) for name in columns]
                queries.append(query.select(SQL("%s", kind), *row))
        union = SQL(" UNION ALL ").join(SQL("(%s)", query) for query in queries)
        rows = self.env.execute_query(union) if queries else ()
        browse = browse or self.env["kpi.report"].browse
        kpis = browse({row[2] for row in rows}).grouped("id")
        return [
            self._alert_item(kind, model_of[kind].browse(id_), kpis[report_id], *period)
            for kind, id_, report_id, *period in rows
        ]

    def _list_alerting(self, reports, within):
        """List what calls for attention: kind, SQL of rows without which there is none,
        model, domain, order, and fields with its id, KPI, day, grain, first day."""
        overdue = within & Domain("state", "=", "overdue")
        deciding = within & Domain("can_decide", "=", True)
        off_target = Domain("id", "in", reports.ids) if reports else Domain.TRUE
        off_target &= Domain("status", "=", "off_target")
        off_target &= Domain("definition_id.active", "=", True)
        duty = SQL("SELECT FROM kpi_entry_duty")
        asked = self._list_waiting()["approval"]
        off = SQL("SELECT FROM kpi_report WHERE status = 'off_target'")
        start, worst = "current_period_start", "distance_percent desc, id"
        fields = ("id", "report_id", "due_date", "grain", "period_start")
        of_kpi = ("id", "id", start, "frequency", start)
        return [
            ("overdue", duty, "kpi.entry.due", overdue, "due_date, id", fields),
            ("approval", asked, "kpi.submission", deciding, "period_start, id", fields),
            ("off_target", off, "kpi.report", off_target, worst, of_kpi),
        ]

    def _due_items(self, within):
        """Entries that are due or overdue, as their state says."""
        dues = self.env["kpi.entry.due"].search_fetch(
            within,
            ["report_id", "grain", "period_start", "due_date", "state"],
            order="due_date, id",
            limit=MOST,
        )
        text = self.env._("Enter")
        return [
            {
                **self._alert_item(
                    due.state,
                    due,
                    due.report_id,
                    due.due_date,
                    due.grain,
                    due.period_start,
                ),
                "button": self._prepare_button(due, "action_enter", text),
            }
            for due in dues
        ]

    def _find_idle(self, queries):
        """Kinds of which nothing is there, so that nobody asks what the user sees."""
        self.env.flush_all()
        tests = SQL(", ").join(SQL("EXISTS (%s)", one) for one in queries.values())
        (found,) = self.env.execute_query(SQL("SELECT %s", tests))
        return {kind for kind, any_ in zip(queries, found, strict=True) if not any_}

    def _list_waiting(self):
        """Kind → SQL of the rows that may await the user; an addon adds its own."""
        mine = SQL("user_id = %s", self.env.uid)
        asked = SQL("state = 'asked' AND %s", mine)
        # Odoo's own users have always been archived.
        odoo = ["__system__", "public", "portaltemplate"]
        left = SQL("active IS NOT TRUE AND login <> ALL(%s)", odoo)
        return {
            "due": SQL("SELECT FROM kpi_entry_duty WHERE %s", mine),
            "approval": SQL("SELECT FROM kpi_approval_step WHERE %s", asked),
            "review": SQL("SELECT FROM kpi_definition WHERE verified_hash IS NOT NULL"),
            "job": SQL("SELECT FROM kpi_job WHERE state = 'failed'"),
            "delivery": SQL("SELECT FROM kpi_delivery WHERE state = 'failed'"),
            "leaver": SQL("SELECT FROM res_users WHERE %s", left),
        }

    def _counted_items(self, role, idle):
        """What a role has to know the number of, each with its list; one statement.

        An addon extends ``_list_counted``.
        """
        counted = [one for one in self._list_counted(role) if one["kind"] not in idle]
        if not counted:
            return []
        queries = [self.env[each["model"]]._search(each["domain"]) for each in counted]
        (counts,) = self.env.execute_query(
            SQL(
                "SELECT %s",
                SQL(", ").join(
                    SQL("(%s)", query.select(each.get("number", SQL("COUNT(*)"))))
                    if not query.is_empty()
                    else SQL("0")
                    for each, query in zip(counted, queries, strict=True)
                ),
            )
        )
        items = []
        for each, count in zip(counted, counts, strict=True):
            if count:
                text = each["text"] % count
                item = self._prepare_need(each["kind"], self.browse(), text, None)
                opened = {"xml_id": each["action"], "context": each["context"]}
                items.append({**item, "action": opened, "count": count})
        return items

    def _list_counted(self, role):
        """List the counts of a role: dicts of ``kind``, ``model``, ``domain``,
        ``text`` (with %s for the number), and the xml id and context of its list.

        ``number``, as SQL, where it is not the records that are counted.
        """

        others = Domain("user_id", "!=", self.env.uid)
        failed = Domain("state", "=", "failed") & Domain("create_date", ">=", LATELY)
        broken = Domain("computation_error", "!=", False)
        # A formula with values lacks one as long as a part of it is not there.
        broken &= Domain("has_value", "=", False) | Domain(
            "definition_id.computation", "!=", "formula"
        )
        has_left = Domain("kpi_has_duties", "=", True) & Domain("active", "=", False)
        counted = {
            "team": (
                self.env._("Overdue entries of your team: %s"),
                "kpi.entry.due",
                others & Domain("state", "=", "overdue"),
                "kpi_tracking.kpi_entry_due_action_all",
                {"search_default_open": 0, "search_default_overdue": 1},
            ),
            "data": (
                self.env._("KPIs without a value: %s"),
                "kpi.report",
                broken & Domain("definition_id.active", "=", True),
                "kpi_tracking.kpi_report_action",
                {"search_default_my_kpis": 0, "search_default_without_value": 1},
            ),
            "review": (
                self.env._("Certified KPIs to review: %s"),
                "kpi.definition",
                Domain("certification", "=", "review"),
                "kpi_tracking.kpi_definition_action",
                {"search_default_review": 1},
            ),
            "name": (
                self.env._("KPIs with the same name: %s"),
                "kpi.definition",
                Domain("has_same_name", "=", True),
                "kpi_tracking.kpi_definition_action",
                {"search_default_same_name": 1},
            ),
            "job": (
                self.env._("Failed jobs in the last 7 days: %s"),
                "kpi.job",
                failed,
                "kpi_base.kpi_job_action",
                {"search_default_failed": 1},
            ),
            "delivery": (
                self.env._("Failed messages in the last 7 days: %s"),
                "kpi.delivery",
                failed,
                "kpi_base.kpi_delivery_action",
                {"search_default_failed": 1},
            ),
            "leaver": (
                self.env._("Former employees still assigned to KPIs: %s"),
                "res.users",
                has_left,
                "kpi_base.kpi_leaver_action",
                {"active_test": False},
            ),
        }
        names = ("text", "model", "domain", "action", "context")
        return [
            {"kind": kind, **dict(zip(names, counted[kind], strict=True))}
            for kind in COUNTED_BY_ROLE.get(role, ())
        ]

    def _alert_item(self, kind, record, report, day, grain, start):
        text = report.name
        if record != report:
            calendar = report.definition_id.calendar_id
            text += f", {calendar._period_label(calendar._period(grain, start))}"
        item = self._prepare_need(kind, record, text, day)
        cause = (report.definition_id.id, report.company_id.id)
        return {**item, "report_id": report.id, "cause": cause}

    def _group_by_cause(self, items):
        """What is wrong with one KPI of a company, for whomever it is tracked, as one
        item: that of the widest of them.

        :param items: as ``_alert_items`` lists them
        """
        groups = {}
        for item in items:
            is_wrong = item["kind"] in ("alert", "off_target")
            groups.setdefault(item["cause"] if is_wrong else id(item), []).append(item)
        reports = self.env["kpi.report"].browse(item["report_id"] for item in items)
        widths = {report.id: WIDEST[report.scope_type] for report in reports}
        grouped = []
        for same in groups.values():
            first = min(same, key=lambda item: widths[item["report_id"]])
            ids = [*dict.fromkeys(item["report_id"] for item in same)]
            text = first["text"]
            if others := len(ids) - 1:
                words = {"alert": text, "count": others}
                text = self.env._("%(alert)s (and %(count)s more)", **words)
            grouped.append({**first, "text": text, "report_ids": ids})
        return grouped

    def _prepare_need(self, kind, record, text, day, urgency=None, button=None):
        """An item of “Waiting for you”, which opens ``record``.

        Of a decision it also has the ``amount``, as the reader writes it, ``asked_at``
        and ``due_at``, moments (UTC), and the ``person`` who asks.

        :param kind: under which its look is registered in the browser
        :param day: when it is or was due; None where nothing says so
        :param urgency: late: 0, someone waits: 1, soon: 2; by ``kind`` if None
        :param button: as ``_prepare_button`` makes it; None: the item only opens
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
            "amount": "",
            "asked_at": None,
            "due_at": None,
            "person": None,
            "button": button,
        }

    def _prepare_button(self, record, method, text):
        """The button of an item: a method of a record, which may return an action."""
        return {"model": record._name, "id": record.id, "method": method, "text": text}
