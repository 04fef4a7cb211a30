from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.kpi_tracking_analytics.analytics.period_outlook import LIKELY_MISS

from ..engine.conditions import OF_KPIS, OF_VALUES, keep
from ..engine.intent import GRAINS
from .kpi_nlp_processor import SCOPES

FREQUENCIES = {grain: name for name, grain in GRAINS.items()}
DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
OWN = ("me", "owned", "my_team")


class KpiNlpProcessor(models.AbstractModel):
    """Which KPIs a question is about, and which of them meet its conditions."""

    _inherit = "kpi.nlp.processor"

    def _find_reports(self, asked, codes=None):
        """The KPIs that a question names: those of its scope, or of the own company.

        :param asked: ``Ledger``
        :param codes: of these KPIs; without, of those of the question
        """
        metrics = [int(code) for code in codes or asked.take("metrics")]
        if not metrics:
            return self.env["kpi.report"]
        reports = self.env["kpi.report"].search(
            Domain("definition_id", "in", metrics) & self._get_asked_domain(asked)
        )
        scope = asked.intent.scope
        if not (scope and scope.kind != "everyone") and not self._get_group(asked):
            reports = reports.browse().union(
                *(same._get_own() for same in reports.grouped("definition_id").values())
            )
        return self._keep_kpis(reports, asked)

    def _find_listed(self, asked):
        """The KPIs that a list is of, before those of other status are left out."""
        reports = self.env["kpi.report"].search(self._get_asked_domain(asked))
        return self._keep_kpis(reports, asked)

    def _get_group(self, asked):
        """The kind of scope that places are of, if it is departments or people."""
        if asked.intent.kind == "list_kpis":
            return None
        group = SCOPES.get(asked.intent.group_by or "")
        return group and asked.take("group_by") and group

    def _get_asked_domain(self, asked):
        """The KPIs of those that a question names, and of the groups that it is by."""
        scope, group = asked.intent.scope, self._get_group(asked)
        domain = Domain("scope_type", "=", group) if group else Domain.TRUE
        if not scope:
            return domain
        if scope.excluded and not group and asked.intent.metrics:
            # A value without that of a part is none that there is.
            return domain
        asked.take("scope")
        is_one = bool(asked.intent.metrics) and not group or len(scope.ids) > 1
        if scope.ids and group == "user":
            domain &= Domain("user_id", "in", self._find_people(scope.ids).ids)
        elif scope.ids:
            domain &= Domain.OR(self._get_key_domain(key, is_one) for key in scope.ids)
        elif scope.kind == "my_team" and group == "user":
            domain &= Domain("user_id", "in", self._find_my_team()[0].ids)
        elif scope.kind in OWN:
            domain &= self._get_own_domain(scope.kind, is_one)
        elif scope.kind == "company" and (is_one or asked.intent.kind == "summary"):
            domain &= Domain("scope_type", "=", "company")
        for key in scope.excluded:
            domain &= ~self._get_key_domain(key)
        return domain

    def _get_key_domain(self, key, is_one=False):
        """The KPIs of a department, team, company or person.

        :param is_one: only what is tracked for exactly it
        """
        scope, number = key.split(":")
        same = Domain("scope_type", "=", scope)
        if is_one:
            return same & Domain(f"{scope}_id", "=", int(number))
        if scope == "user":
            return Domain("user_id", "=", int(number)) | Domain(
                "owner_id", "=", int(number)
            )
        operator = "child_of" if scope == "department" else "="
        return same & Domain(f"{scope}_id", operator, int(number))

    def _get_own_domain(self, kind, is_one=False):
        """The KPIs of the user: their own, those they are responsible for, or those of
        their teams."""
        mine = Domain("user_id", "=", self.env.uid) & Domain("scope_type", "=", "user")
        owned = Domain("owner_id", "=", self.env.uid)
        if kind == "me":
            return mine if is_one else mine | owned
        if kind == "owned":
            return owned
        people, teams, departments = self._find_my_team()
        domain = Domain("scope_type", "=", "team") & Domain("team_id", "in", teams.ids)
        domain |= Domain("scope_type", "=", "department") & Domain(
            "department_id", "in", departments.ids
        )
        if is_one:
            return domain
        domain |= Domain("scope_type", "=", "user") & Domain(
            "user_id", "in", people.ids
        )
        return domain | Domain("owner_id", "in", people.ids)

    def _find_my_team(self):
        """People that report to the user, the user's teams and departments.

        :return: users, teams, departments that the user manages
        """
        # Who is in whose team is no secret to its members and leader.
        employees, departments = (
            self.env[name].sudo() for name in ("hr.employee", "hr.department")
        )
        led = employees.search(
            Domain("company_id", "in", self.env.companies.ids)
            & (
                Domain("parent_id.user_id", "=", self.env.uid)
                | Domain("department_id.manager_id.user_id", "=", self.env.uid)
            )
        )
        managed = departments.search([("manager_id.user_id", "=", self.env.uid)])
        members = self._search_members(Domain("user_id", "=", self.env.uid))
        teams = members.team_id | members.team_id.search(
            [("leader_id", "=", self.env.uid)]
        )
        people = (
            led.user_id
            | self._search_members(Domain("team_id", "in", teams.ids)).user_id
        )
        return people, teams, managed

    def _search_members(self, domain):
        """Today's memberships."""
        today = fields.Date.context_today(self)
        domain &= Domain("date_from", "<=", today)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">", today)
        # Who is in a team is no secret: it is shown with the team.
        return self.env["kpi.team.member"].sudo().search(domain)

    def _find_people(self, keys):
        """The people of these keys, and those in these departments and teams."""
        ids = {}
        for key in set(keys) - {"me", "my_team"}:
            scope, number = key.split(":")
            ids.setdefault(scope, []).append(int(number))
        people = self.env["res.users"].browse(ids.get("user", ()))
        if "me" in keys:
            people |= self.env.user
        if "my_team" in keys:
            people |= self._find_my_team()[0].with_env(self.env)
        people |= self._search_members(
            Domain("team_id", "in", ids.get("team", []))
        ).user_id
        # Names of colleagues are no secret: names and departments are in the directory.
        employees = self.env["hr.employee"].sudo()
        places = Domain("department_id", "child_of", ids.get("department", []))
        places |= Domain("company_id", "in", ids.get("company", []))
        found = employees.search(places & Domain("user_id", "!=", False))
        return people | found.user_id.with_env(self.env)

    # conditions

    def _keep_kpis(self, reports, asked):
        """Those that meet the conditions on KPIs themselves."""
        conditions = asked.take_conditions(*OF_KPIS)
        if not conditions:
            return reports
        team = set()
        if any("my_team" in one.value for one in conditions if one.field == "owner"):
            team = set(self._find_my_team()[0].ids)
        facts = [self._describe_kpi(report, team) for report in reports]
        return reports.browse().union(
            *(row["report"] for row in keep(facts, conditions))
        )

    def _describe_kpi(self, report, team):
        people = {report.owner_id.id}
        people |= {report.user_id.id} if report.scope_type == "user" else set()
        owners = {f"user:{one}" for one in people if one}
        owners |= {"me"} if self.env.uid in people else set()
        owners |= {"my_team"} if people & team else set()
        measured = report.last_measured_at
        return {
            "report": report,
            "metric": str(report.definition_id.id),
            "owners": owners,
            "frequency": FREQUENCIES.get(report.frequency),
            "updated_on": measured and measured.date(),
        }

    def _keep_rows(self, rows, asked, *, without=()):
        """The rows that meet the conditions on values.

        :param without: conditions that are left to groups
        """
        fields_ = [name for name in OF_VALUES if name not in without]
        conditions = asked.take_conditions(*fields_)
        if not conditions:
            return rows
        kinds = {one.field for one in conditions}
        reports = self.env["kpi.report"].union(*(row["report"] for row in rows))
        span = asked.intent.period
        streaks = outlooks = {}
        if "streak" in kinds:
            is_named = bool(asked.intent.metrics)
            streaks = self._count_streaks(reports, conditions, span, is_named)
        if kinds & {"forecast", "forecast_chance"}:
            outlooks = self._find_outlooks(reports, span)
        facts = [
            {
                **row,
                "row": row,
                "streaks": streaks.get(row["report"], {}),
                "outlook": outlooks.get(row["report"], (None, None))[0],
                "chance": outlooks.get(row["report"], (None, None))[1],
            }
            for row in rows
        ]
        return [one["row"] for one in keep(facts, conditions)]

    def _count_streaks(self, reports, conditions, span, is_named):
        """Report → (status, grain) → for how many closed periods in a row it has it.

        Statements grow with the lengths of periods, not with KPIs.
        """
        today = self._get_calendar()._today()
        last = min(span.last, today) if span else today
        found = {report: {} for report in reports}
        for one in conditions:
            if one.field == "streak":
                judged_of = self._judge_streak(reports, one, last, is_named)
                for report, judged in judged_of.items():
                    count = report._count_streak(one.grain, judged, one.status, last)
                    found[report][one.status, one.grain] = count
        return found

    def _judge_streak(self, reports, one, last, is_named):
        """Report → its closed periods that a streak may be made of; those that have
        values of such periods.

        :param is_named: they are asked for by name
        :raises UserError: one of these has no such periods
        """
        shown = (
            reports
            if is_named
            else reports.filtered(
                # In which periods a KPI has values is no secret to those who see it.
                lambda kpi: one.grain in kpi.sudo().definition_id._get_shown_grains()
            )
        )
        first = last - timedelta(days=DAYS[one.grain] * (one.periods + 3))
        return shown._get_judged_values(one.grain, first, last, "stored")

    def _find_outlooks(self, reports, span):
        """Report → what its running period will probably come to, and the chance of
        reaching the target in percent."""
        rows = self.env["kpi.predictive.analytics"].search(
            [("kpi_id", "in", reports.ids), ("error", "=", False)]
        )
        found = {}
        for row in rows:
            if (
                span
                and row.period_start
                and not span.first <= row.period_start <= span.last
            ):
                continue
            chance = row.target_probability
            if chance is False or chance is None:
                continue
            is_likely = chance >= LIKELY_MISS
            status = "on_target" if is_likely else row.is_likely_miss and "off_target"
            found[row.kpi_id] = status or None, chance
        return found
