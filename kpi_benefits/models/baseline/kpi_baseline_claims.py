from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, date_utils, format_date

ALL = 100.0  # percent
NOISE = 1e-6


class KpiBaseline(models.Model):
    """Shares of one KPI: those of all initiatives add up to 100 % at most, every day.

    Those that the user may not see count as well; no message names them.
    """

    _inherit = "kpi.baseline"

    share_ids = fields.One2many(
        "kpi.baseline.share",
        "baseline_id",
        "Shares",
        copy=False,
        help="Empty: what other initiatives have left is claimed when you save.",
    )
    share = fields.Float(
        "Share Today (%)", compute="_compute_share", exportable=False, digits=(6, 2)
    )

    @api.depends("share_ids.date_from", "share_ids.share")
    def _compute_share(self):
        today = fields.Date.context_today(self)
        for baseline in self:
            held = baseline.share_ids.filtered(
                lambda one: one.date_from and one.date_from <= today
            ).sorted("date_from")
            baseline.share = held[-1:].share

    def _claim_changed(self, vals):
        if "active" in vals:
            self._check_claims()

    def _claim_reports(self):
        """Let nobody else claim shares of these KPIs meanwhile."""
        keys = [f"shares of KPI {each}" for each in self.report_id.ids]
        self.env["kpi.claim"]._claim(*keys)

    def _check_claims(self):
        """Refuse shares of a KPI that add up to more than all of it on any day."""
        self._claim_reports()
        for report_id, day, total in self._find_claimed(self.report_id.ids):
            if total > ALL + NOISE:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: the shares of all initiatives add up to "
                        "%(total)s\u202f%% from %(day)s. Claim less: "
                        "100\u202f%% is all there is.",
                        kpi=self.report_id.browse(report_id).display_name,
                        total=f"{total:g}",
                        day=format_date(self.env, day),
                    )
                )

    def _find_claimed(self, report_ids):
        """(KPI, day, total) of each day from which on another share holds."""
        self.env["kpi.baseline.share"].flush_model()
        self.env["kpi.baseline"].flush_model(["report_id", "active"])
        return self.env.execute_query(
            SQL(
                """
                WITH held AS (
                    SELECT baseline.report_id, claim.date_from, claim.share,
                           lead(claim.date_from) OVER (
                             PARTITION BY claim.baseline_id ORDER BY claim.date_from
                           ) AS date_to
                      FROM kpi_baseline_share AS claim
                      JOIN kpi_baselines AS baseline ON baseline.id = claim.baseline_id
                     WHERE baseline.report_id = ANY(%s)
                       AND baseline.active
                )
                SELECT changed.report_id, changed.date_from, sum(held.share)
                  FROM (SELECT DISTINCT report_id, date_from FROM held) AS changed
                  JOIN held
                    ON held.report_id = changed.report_id
                   AND held.date_from <= changed.date_from
                   AND (held.date_to > changed.date_from) IS NOT FALSE
              GROUP BY changed.report_id, changed.date_from
              ORDER BY changed.report_id, changed.date_from
                """,
                report_ids,
            )
        )

    def _claim_rest(self):
        """Give those that claim nothing what others have left of their KPIs."""
        new = self.filtered(lambda one: not one.share_ids)
        if not new:
            return
        new._claim_reports()
        for baseline in new:
            first = date_utils.start_of(baseline.baseline_date, "month")
            rest = ALL - baseline._find_most_claimed(first)
            if rest > NOISE:
                baseline.share_ids = [
                    fields.Command.create({"date_from": first, "share": rest})
                ]

    def _find_most_claimed(self, first):
        """Most that is claimed of the KPI on any day from ``first`` on."""
        before, most = 0.0, 0.0
        for _report_id, day, total in self._find_claimed(self.report_id.ids):
            if day <= first:
                before = total
            most = max(most, total if day > first else 0.0)
        return max(before, most)
