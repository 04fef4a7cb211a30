from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.fields import or_none
from odoo.addons.kpi_base.schemas.base import Id
from odoo.addons.kpi_base.user_link import STAY, UserLink

from .numbers import Number, drop_other_rows, merge_rows

KINDS = [
    ("spike", "Unusual Value"),
    ("level_shift", "New Level"),
    ("gap", "Missing Value"),
]
STATES = [("new", "New"), ("confirmed", "Confirmed"), ("dismissed", "Not Unusual")]
MOST_EXTRA = 4  # decimals
RECENT = {"day": 60, "week": 26, "month": 13, "quarter": 8, "year": 5}  # closed periods


class KpiAnomaly(models.Model):
    """A run of periods of a KPI that are out of the ordinary; found by ``kpi.job``.

    One that is found no more, as its values were corrected, goes; one that somebody has
    decided about stays. A dismissed one widens what is usual at that time of the year.
    """

    _name = "kpi.anomaly"
    _description = "Unusual KPI Value"
    _inherit = ["kpi.readonly.mixin", "kpi.unit.mixin"]
    _order = "period_start desc, score_size desc, id desc"
    _rec_name = "report_id"
    _log_access = False

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    period_start = fields.Date("Since", required=True, readonly=True)
    period_last = fields.Date(
        "Last Period",
        required=True,
        readonly=True,
        help="First day of the last unusual period.",
    )
    oddest_start = fields.Date("Period", required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    value = Number()
    expected = Number()
    margin = Number()
    score = Number(
        help="Deviation from the expected value, relative to usual variation."
    )
    score_size = fields.Float(readonly=True, aggregator=False, exportable=False)
    state = fields.Selection(
        STATES, string="Status", required=True, readonly=True, default="new"
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decided_on = fields.Datetime("Decided", readonly=True)
    description = fields.Char(compute="_compute_description")
    can_decide = fields.Boolean(compute="_compute_can_decide", exportable=False)

    _period_uniq = models.UniqueIndex(
        "(report_id, period_start)", "This period is already listed."
    )

    @api.depends("report_id", "kind", "value", "expected", "margin", "oddest_start")
    def _compute_description(self):
        for anomaly in self:
            anomaly.description = anomaly.report_id and anomaly._describe()

    # pylint: disable-next=missing-return  # Odoo's returns nothing
    @api.depends("report_id", "oddest_start")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Name the KPI and the period; the value is for whoever opens it."""
        named = self.filtered("report_id")
        super(KpiAnomaly, self - named)._compute_display_name()
        for anomaly in named:
            report = anomaly.report_id
            period = report._get_period_label(anomaly.oddest_start)
            anomaly.display_name = f"{report.display_name}, {period}"

    @api.depends("report_id")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        allowed = self.report_id._filtered_access("write")
        for anomaly in self:
            anomaly.can_decide = anomaly.report_id in allowed

    def _describe(self):
        """What happened, with its numbers: “Mar 2026 was 190, usual is 420 ± 35”."""
        self.ensure_one()
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.report_id.sudo().definition_id
        texts = {
            "period": self.report_id._get_period_label(self.oddest_start),
            "since": self.report_id._get_period_label(self.period_start),
        }
        if self.kind == "gap":
            return self.env._("No value for %(period)s.", **texts)
        extra = self._count_more_decimals(kpi.decimals)
        texts["value"] = kpi._format_rounded(self.value, extra)
        if self.expected is False or self.margin is False:
            return self.env._("%(period)s was %(value)s.", **texts)
        texts["usual"] = kpi._format_rounded(self.expected, extra)
        if kpi.unit == "boolean":
            return self.env._("%(period)s was %(value)s, not %(usual)s.", **texts)
        if round(self.margin, kpi.decimals + extra):
            texts["usual"] = self.env._(
                "%(expected)s ± %(margin)s",
                expected=texts["usual"],
                margin=kpi._format_rounded(self.margin, extra),
            )
        if self.kind == "level_shift" and self.oddest_start == self.period_start:
            return self.env._(
                "New level since %(since)s: %(value)s, previously %(usual)s.", **texts
            )
        if self.kind == "level_shift":
            return self.env._(
                "New level since %(since)s: %(period)s was %(value)s, previously "
                "%(usual)s.",
                **texts,
            )
        return self.env._("%(period)s was %(value)s, usually %(usual)s.", **texts)

    def _count_more_decimals(self, decimals):
        """Decimals needed beside the KPI's to see that a value is out of its margin."""
        numbers = (self.value, self.expected, self.margin)
        for extra in range(MOST_EXTRA):
            value, expected, margin = (
                round(each, decimals + extra) for each in numbers
            )
            if abs(value - expected) > margin:
                return extra
        return 0

    def action_open_kpi(self):
        """Open the KPI, whose chart marks the value."""
        self.ensure_one()
        return open_form(self.report_id)

    def action_confirm(self):
        """Say that this is unusual indeed."""
        return self._decide("confirmed")

    def action_dismiss(self):
        """Say that this is usual: values like it are, at that time of the year."""
        return self._decide("dismissed")

    def _decide(self, state):
        """For whoever may change the KPI."""
        self.check_access("read")
        self.report_id.check_access("write")
        # The engine keeps them; who may decide has been asked.
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
            }
        )
        if self:
            first = min(self.mapped("period_start"))
            self.env["kpi.predictive.analytics"]._mark_stale(self.report_id.ids, first)
        return True

    @api.model
    @api.readonly
    def list_of(self, kpi_id: Id):
        """Unusual values of a KPI, the latest first, without those dismissed.

        :return: list of dicts of ``id``, ``kind``, ``state``, ``period_start``,
            ``period_last`` (dates in ISO format), ``value``, ``expected``, ``margin``,
            ``score`` (None = not known) and ``description``
        """
        self.env["kpi.report"]._find_readable(kpi_id)
        found = self.search([("report_id", "=", kpi_id), ("state", "!=", "dismissed")])
        return [anomaly._as_answer() for anomaly in found]

    def _as_answer(self):
        """As REST gives it: ``schemas.forecast.AnomalyOut``."""
        self.ensure_one()
        numbers = ("value", "expected", "margin", "score")
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "period_start": self.period_start.isoformat(),
            "period_last": self.period_last.isoformat(),
            **{name: or_none(self[name]) for name in numbers},
            "description": self.description,
        }

    @api.model
    def _store(self, series, found, grain):
        """Keep what was found in the latest periods; number of rows written.

        :param found: ``analytics.judged.Analysed`` of ``series``
        """
        periods = found.past_periods
        oldest = len(periods) - RECENT[grain]
        events = [event for event in found.events if event.stop > oldest]
        starts = [period.start for period in periods]
        columns = {
            "report_id": [series.report_ids[event.row] for event in events],
            "period_start": [starts[event.start] for event in events],
            "period_last": [starts[event.stop - 1] for event in events],
            "oddest_start": [starts[event.period] for event in events],
            "kind": [event.kind for event in events],
            "value": [event.value for event in events],
            "expected": [event.expected for event in events],
            "margin": [event.margin for event in events],
            "score": [event.score for event in events],
            "score_size": [abs(event.score or 0.0) for event in events],
            "state": ["new"] * len(events),
        }
        key = ["report_id", "period_start"]
        # What somebody has decided about stays.
        is_new = SQL("state = 'new'")
        gone = drop_other_rows(self, series.report_ids, key, columns, is_new)
        self.invalidate_model()
        return gone + merge_rows(self, key, columns, ["state"])

    @api.model
    def _fetch_dismissed(self, report_ids):
        """Pairs of report id and first day of values that somebody has called usual.

        A new level is learned from anyway; without it, its values would be odd again.
        """
        self.flush_model(["state"])
        return self.env.execute_query(
            SQL(
                "SELECT report_id, oddest_start FROM kpi_anomaly"
                " WHERE state = 'dismissed' AND kind <> 'level_shift'"
                " AND report_id = ANY(%s)",
                list(report_ids),
            )
        )


class KpiUserLink(models.AbstractModel):
    """Who decided about an unusual value stays named."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [*super()._get_links(), UserLink("kpi.anomaly", "decided_by_id", STAY)]
