from odoo import api, fields, models
from odoo.tools import SQL, split_every

from odoo.addons.kpi_base.fields import OptionalFloat

from .clocks import clock_days, clock_days_sql
from .kpi_deal_win_model import BASES, STAGE_INDEX

ROWS_PER_STATEMENT = 5_000


class KpiDeal(models.Model):
    """Win probability of open deals, learned from earlier ones."""

    _inherit = "kpi.deal"

    win_probability = OptionalFloat(
        digits=(5, 4),
        compute="_compute_win_probability",
        store=True,
        precompute=True,
        aggregator="avg",
        help="Learned from earlier deals by stage and age, or the usual rate of "
        "the stage. Updated every night and cannot be entered.",
    )
    win_basis = fields.Selection(
        BASES,
        "Win Probability Method",
        compute="_compute_win_probability",
        store=True,
        precompute=True,
    )
    win_explanation = fields.Text(compute="_compute_win_explanation")

    @api.depends("company_id", "opened_at", "pipeline_stage", "status")
    def _compute_win_probability(self):
        self.win_probability = self.win_basis = False
        models = self.env["kpi.deal.win.model"]
        open_deals = self.filtered(
            lambda deal: deal.status == "open" and deal.pipeline_stage in STAGE_INDEX
        )
        for company, deals in open_deals.grouped("company_id").items():
            deals.win_basis = models._get_win_basis(company.id)
            for deal, chance in zip(
                deals,
                self._win_chances(
                    company.id,
                    deals.mapped("pipeline_stage"),
                    deals.mapped("opened_at"),
                ),
                strict=True,
            ):
                deal.win_probability = chance

    @api.model
    def _win_chances(self, company_id, stages, opened):
        """Probabilities of deals in open ``stages``, by when they were opened."""
        models = self.env["kpi.deal.win.model"]
        tz = models._get_clocks(self.env["res.company"].browse(company_id or ()))
        now = fields.Datetime.now()
        today = clock_days(now, tz)
        ages = [max(today - clock_days(at or now, tz), 0.0) for at in opened]
        return models._chances(company_id, stages, ages).tolist()

    @api.model
    def _add_precomputed_values(self, vals_list):
        """Add the chances of all new deals at once; Odoo would go one by one."""
        by_company = {}
        for vals in vals_list:
            vals |= {"win_probability": False, "win_basis": False}
            if vals.get("pipeline_stage") in STAGE_INDEX:
                by_company.setdefault(vals.get("company_id"), []).append(vals)
        for company_id, group in by_company.items():
            basis = self.env["kpi.deal.win.model"]._get_win_basis(company_id)
            chances = self._win_chances(
                company_id,
                [vals["pipeline_stage"] for vals in group],
                [fields.Datetime.to_datetime(vals.get("opened_at")) for vals in group],
            )
            for vals, chance in zip(group, chances, strict=True):
                vals |= {"win_probability": chance, "win_basis": basis}
        return super()._add_precomputed_values(vals_list)

    @api.depends("win_probability", "win_basis")
    def _compute_win_explanation(self):
        models = self.env["kpi.deal.win.model"]
        # What is learned from all deals is shown to whoever sees one of them.
        learned = models.sudo().search([("company_id", "in", self.company_id.ids)])
        in_words = {model.company_id.id: model._in_words() for model in learned}
        stages = dict(self._fields["pipeline_stage"]._description_selection(self.env))
        for deal in self:
            if not deal.win_basis:
                deal.win_explanation = False
                continue
            rates, _logistic = models._knowledge(deal.company_id.id)
            rate = rates[STAGE_INDEX[deal.pipeline_stage]]
            told = self.env._(
                "%(won)s of %(count)s deals seen in the stage “%(stage)s” were won.",
                won=rate.won,
                count=rate.count,
                stage=stages[deal.pipeline_stage],
            )
            if deal.win_basis == "stage_norm":
                set_rate = self.env["kpi.deal.stage"]._win_rates()
                told += " " + self.env._(
                    "The usual rate set for the stage, %s %%, counts as ten more.",
                    f"{set_rate.get(deal.pipeline_stage, 0.5) * 100:.0f}",
                )
            rest = in_words.get(deal.company_id.id, "")
            deal.win_explanation = f"{told} {rest}".strip()

    @api.model
    def _keep_win_probabilities(self, company):
        """Bring those of all open deals of ``company`` up to date: they grow older."""
        self.flush_model()
        models = self.env["kpi.deal.win.model"]
        basis = models._get_win_basis(company.id)
        rows = self.env.execute_query(self._open_ages_sql(company))
        for part in split_every(ROWS_PER_STATEMENT, rows, tuple):
            ids, stages, ages = map(list, zip(*part, strict=True))
            chances = models._chances(company.id, stages, ages)
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE agent_deals AS deal
                       SET win_probability = told.chance, win_basis = %(basis)s
                      FROM unnest(%(ids)s::integer[], %(chances)s::numeric[])
                           AS told (deal_id, chance)
                     WHERE deal.id = told.deal_id
                       AND (deal.win_probability IS DISTINCT FROM told.chance
                            OR deal.win_basis IS DISTINCT FROM %(basis)s)
                    """,
                    basis=basis,
                    ids=ids,
                    chances=[float(chance) for chance in chances],
                )
            )
        self.invalidate_model(["win_probability", "win_basis", "win_explanation"])

    @api.model
    def _open_ages_sql(self, company):
        """SELECT of the open deals, their stages and days since they were opened."""
        tz = self.env["kpi.deal.win.model"]._get_clocks(company)
        return SQL(
            """
            SELECT id, pipeline_stage,
                   greatest(%(now)s - %(opened_at)s, 0)
              FROM agent_deals
             WHERE company_id = %(company)s
               AND status = 'open'
               AND pipeline_stage = ANY(%(stages)s)
          ORDER BY id
            """,
            now=clock_days(fields.Datetime.now(), tz),
            opened_at=clock_days_sql(SQL("opened_at"), tz),
            company=company.id,
            stages=list(STAGE_INDEX),
        )
