import hashlib
import json

from odoo import api, fields, models
from odoo.tools import SQL

MARGIN_GROUP = "kpi_bi_dashboard.kpi_bi_dashboard_group_margin"
# Of what analyses store. One that stores something else raises it: pages read no
# results of another version, and the next run computes all of them.
VERSION = 9
OF_KPIS = ("kpi", "missed")  # kinds of findings that begin with the id of a KPI


class Kept(fields.Json):
    """What never changes: it is read without a copy, and readers leave it as it is."""

    def convert_to_record(self, value, record):
        return False if value is None else value


class KpiBiResult(models.Model):
    """What an analysis came to, of which data; never changed.

    Data with the same hash and parameters have the same result: nothing is computed for
    them again. What was posted later, for whatever day, leaves results as they were.
    """

    _name = "kpi.bi.result"
    _description = "Analysis Result"
    _inherit = ["kpi.append.only.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "analysis"

    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    analysis = fields.Char(required=True)
    parameters = fields.Json()
    cutoff_date = fields.Date("Cutoff", required=True, help="Last day included.")
    version = fields.Integer(
        required=True,
    )
    data_hash = fields.Char(required=True)
    computed_at = fields.Datetime(required=True)
    # Read by _get_figures(), which leaves out what its reader may not see.
    figures = Kept(required=True, groups=fields.NO_ACCESS)
    checks = fields.Json(help="Data issues: duplicates, gaps, outliers, missing rates.")

    _latest_idx = models.Index("(company_id, analysis, id DESC)")

    @api.model
    def _find_latest(self, company, analysis):
        """The newest result of an analysis, or an empty recordset."""
        return self.search(self._get_newest_domain(company, [analysis]))

    @api.model
    def _get_newest_domain(self, company, names):
        """Domain of the newest result of each of these analyses, in this version."""
        newest = SQL(_NEWEST, company=company.id, names=[*names], version=VERSION)
        return [("id", "in", newest)]

    def _get_figures(self):
        """Figures that the user may see: those below ``margin`` with its group only,
        and what was ``found`` of KPIs that they see."""
        self.check_access("read")
        # the rest is for whoever may read the result
        figures = dict(self.sudo().figures or {})
        if self.env.su:
            return figures
        if found := figures.get("found"):
            ids = [facts[0] for kind, facts, _link in found if kind in OF_KPIS]
            seen = self.env["kpi.report"].search([("id", "in", ids)]).ids
            figures["found"] = [
                one for one in found if one[0] not in OF_KPIS or one[1][0] in seen
            ]
        if not self.env.user.has_group(MARGIN_GROUP):
            figures.pop("margin", None)
        return figures

    @api.model
    def _store(self, company, analysis, compute, *, cutoff, data, **parameters):
        """The result of these data, computed by ``compute()`` where it is not there.

        :param compute: gives ``figures`` and ``checks``, both as JSON
        :param data: JSON that differs where the data do
        """
        text = json.dumps([VERSION, str(cutoff), parameters, data], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        latest = self._find_latest(company, analysis)
        if latest.data_hash == digest:
            return latest
        figures, checks = compute()
        row = {
            "company_id": company.id,
            "analysis": analysis,
            "parameters": json.dumps(parameters),
            "cutoff_date": cutoff,
            "version": VERSION,
            "data_hash": digest,
            "computed_at": fields.Datetime.now(),
            "figures": json.dumps(figures),
            "checks": json.dumps(checks),
        }
        self._insert([row])
        return self._find_latest(company, analysis)


_NEWEST = """
    SELECT max(id)
      FROM kpi_bi_result
     WHERE company_id = %(company)s
       AND analysis = ANY(%(names)s)
       AND version = %(version)s
  GROUP BY analysis
"""
