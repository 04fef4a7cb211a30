from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_tracking.engine import zones
from odoo.addons.kpi_tracking.engine.zones import THRESHOLD_FIELDS

JUDGED_BY = ("zones", *THRESHOLD_FIELDS)


class KpiGamificationChange(models.Model):
    """A KPI that was archived, or got other thresholds or another weight, while a
    period of it ran.

    Until another officer agrees the period counts as if it had not been changed: what
    people earn by it, and their ranks. A row holds what the KPI was judged by before.
    """

    _name = "kpi.gamification.change"
    _description = "KPI Change in a Running Period"
    _inherit = ["kpi.engine.rows.mixin"]
    _order = "state desc, id desc"
    _rec_name = "definition_id"
    _log_access = False

    definition_id = fields.Many2one(
        "kpi.definition", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    report_id = fields.Many2one(
        "kpi.report", "Tracked For", readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("archived", "Archived"),
            ("thresholds", "Other Thresholds"),
            ("weight", "Other Weight"),
        ],
        "Change",
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users", "Changed By", required=True, readonly=True, ondelete="restrict"
    )
    day = fields.Date("Changed On", required=True, readonly=True)
    zones = fields.Char(readonly=True, exportable=False)
    threshold_1 = fields.Float(readonly=True, exportable=False, aggregator=False)
    threshold_2 = fields.Float(readonly=True, exportable=False, aggregator=False)
    threshold_3 = fields.Float(readonly=True, exportable=False, aggregator=False)
    threshold_4 = fields.Float(readonly=True, exportable=False, aggregator=False)
    weight = fields.Float(readonly=True, exportable=False, aggregator=False)
    state = fields.Selection(
        [("agreed", "Accepted"), ("waiting", "Waiting for Approval")],
        "Status",
        required=True,
        readonly=True,
    )
    decided_by_id = fields.Many2one(
        "res.users", "Accepted By", readonly=True, ondelete="restrict"
    )

    _waiting_idx = models.Index("(definition_id) WHERE state = 'waiting'")

    def _note(self, kind, rows):
        """Note changes that the user made; of programs nothing has to be agreed.

        :param rows: dicts of ``definition_id``, ``company_id``, and what else is known
        """
        if not rows or self.env.uid == SUPERUSER_ID:
            return
        # Whether anything can be earned is asked of all, whoever changes KPIs.
        own = self.sudo()
        has_any = own.env["kpi.achievement"].search_count([], limit=1)
        if not has_any and not own.env["kpi.leaderboard"].search_count([], limit=1):
            return
        common = {"kind": kind, "user_id": self.env.uid, "state": "waiting"}
        # of KPIs of all companies by the calendar of the user's
        ids = {row["company_id"] or self.env.company.id for row in rows}
        companies = own.env["res.company"].browse(ids)
        days = {one.id: one._get_gamification_today() for one in companies}
        self.env.flush_all()
        own._insert(
            [
                {
                    **common,
                    **row,
                    "company_id": row["company_id"] or None,
                    "day": days[row["company_id"] or self.env.company.id],
                }
                for row in rows
            ]
        )

    def action_agree(self):
        """Let these changes count in the periods in which they were made."""
        self.check_access("read")
        self.env["kpi.achievement"].check_access("write")
        if self.env.user in self.user_id:
            raise UserError(
                self.env._("Another officer or an administrator has to accept it.")
            )
        waiting = self.filtered(lambda one: one.state == "waiting")
        self.env.cr.execute(
            "UPDATE kpi_gamification_change SET state = 'agreed', decided_by_id = %s"
            " WHERE id = ANY(%s)",
            [self.env.uid, waiting.ids],
        )
        self.invalidate_model()
        # They are the engine's to decide; who may agree was asked above.
        waiting.sudo()._decide_again()
        return True

    def _decide_again(self):
        """Give what people earn by these changes, in periods that were decided."""
        closings = self.env["kpi.achievement.closing"]
        for change in self:
            of_kpi = Domain("definition_id", "=", change.definition_id.id)
            if change.report_id:
                of_kpi = Domain("id", "=", change.report_id.id)
            reports = self.env["kpi.report"].with_context(active_test=False)
            reports = reports.search(of_kpi & Domain("scope_type", "=", "user"))
            for closing in closings.search(
                Domain("company_id", "in", reports.company_id.ids)
                & Domain("period_start", "<=", change.day)
                & Domain("period_stop", ">", change.day)
            ):
                people = reports.filtered(
                    lambda one, closing=closing: one.company_id == closing.company_id
                ).user_id
                closing._award(closing._asked(people.ids))._settle()._tell()

    def _has_waiting(self):
        return bool(self.search_count([("state", "=", "waiting")], limit=1))

    def _archived_sql(self, start, stop):
        """SQL of whether a KPI ``report`` was archived in a period, not agreed to.

        :param start, stop: ``SQL`` of the period
        """
        return SQL(
            """
            EXISTS (SELECT FROM kpi_gamification_change AS change
                     WHERE change.state = 'waiting'
                       AND change.kind = 'archived'
                       AND change.definition_id = report.definition_id
                       AND coalesce(change.report_id, report.id) = report.id
                       AND change.day >= %s AND change.day < %s)
            """,
            start,
            stop,
        )

    def _weight_sql(self, period):
        """SQL of the weight of ``kpi`` in a period: the one that was not agreed to
        change in it.
        """
        if not self._has_waiting():
            return SQL("kpi.weight")
        return SQL(
            """
            coalesce((
              SELECT change.weight
                FROM kpi_gamification_change AS change
               WHERE change.state = 'waiting'
                 AND change.kind = 'weight'
                 AND change.definition_id = kpi.id
                 AND change.day >= %s AND change.day < %s
            ORDER BY change.id
               LIMIT 1), kpi.weight)
            """,
            period.start,
            period.stop,
        )

    def _status_sql(self):
        """SQL of the status of a judgement ``held`` with its ``facts``, of ``report``:
        by the thresholds that nobody agreed to change.
        """
        thresholds = [f"change.{name}" for name in THRESHOLD_FIELDS]
        reached, _band = zones.status_and_band_sql(
            "facts.achievement", "facts.value", "change.zones", thresholds
        )
        return SQL(
            """
            coalesce((
              SELECT CASE WHEN facts.status IS NULL THEN NULL ELSE %s END
                FROM kpi_gamification_change AS change
               WHERE change.state = 'waiting'
                 AND change.kind = 'thresholds'
                 AND change.definition_id = report.definition_id
                 AND change.day >= held.period_start AND change.day < held.period_stop
            ORDER BY change.id
               LIMIT 1), facts.status)
            """,
            SQL(reached),
        )


class KpiDefinition(models.Model):
    """Notes what becomes of a KPI while people earn something by it."""

    _inherit = "kpi.definition"

    def _write_in_place(self, vals):
        archived = self.filtered("active") if vals.get("active") is False else []
        rejudged = self if not {*JUDGED_BY}.isdisjoint(vals) else []
        before = {kpi: [kpi[name] for name in JUDGED_BY] for kpi in rejudged}
        weights = {kpi: kpi.weight for kpi in self} if "weight" in vals else {}
        result = super()._write_in_place(vals)
        changes = self.env["kpi.gamification.change"]
        changes._note(
            "archived",
            [
                {"definition_id": kpi.id, "company_id": kpi.company_id.id}
                for kpi in archived
            ],
        )
        changes._note(
            "thresholds",
            [
                {
                    "definition_id": kpi.id,
                    "company_id": kpi.company_id.id,
                    **dict(zip(JUDGED_BY, _without_false(values), strict=True)),
                }
                for kpi, values in before.items()
                if values != [kpi[name] for name in JUDGED_BY]
            ],
        )
        changes._note(
            "weight",
            [
                {
                    "definition_id": kpi.id,
                    "company_id": kpi.company_id.id,
                    "weight": weight,
                }
                for kpi, weight in weights.items()
                if weight != kpi.weight
            ],
        )
        return result


def _without_false(values):
    """Values as a row holds them: none is NULL."""
    return [None if value is False else value for value in values]


class KpiReport(models.Model):
    """The same of one KPI that is tracked for somebody."""

    _inherit = "kpi.report"

    def write(self, vals):
        archived = self.filtered("active") if vals.get("active") is False else []
        result = super().write(vals)
        rows = [
            {
                "definition_id": report.definition_id.id,
                "report_id": report.id,
                "company_id": report.company_id.id,
            }
            for report in archived
        ]
        self.env["kpi.gamification.change"]._note("archived", rows)
        return result
