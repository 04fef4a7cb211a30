from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.names import get_name_domain
from odoo.addons.kpi_base.schemas.base import Id, Name

from .kpi_import_bi import FIRST_DAY, MOST


class KpiBiSpend(models.Model):
    """What was spent on a channel on a day, or in the week or month that begins then.

    A channel is a name; it is that of sources of Odoo (utm), however capitalised.
    """

    _name = "kpi.bi.spend"
    _description = "Marketing Spend"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "day desc, channel, id"
    _rec_name = "channel"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    channel = fields.Char(
        required=True, help="Use the names of lead and order sources."
    )
    day = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="For a week or month, its first day.",
    )
    amount = fields.Monetary(help="Without taxes.")
    visits = fields.Integer(help="Visits or clicks, if known.")
    source = fields.Selection(
        [("typed", "Manual"), ("imported", "Imported"), ("analytic", "Analytic Items")],
        required=True,
        default="typed",
        readonly=True,
        copy=False,
    )

    _visits_positive = models.Constraint(
        "CHECK (visits >= 0)", "Visits cannot be negative."
    )
    _imported_uniq = models.UniqueIndex(
        "(company_id, channel, day) WHERE source = 'imported'"
    )
    _day_idx = models.Index("(company_id, day)")

    def _get_input_error(self, field):
        if error := super()._get_input_error(field):
            return error
        if field.name == "amount" and self.amount < 0:
            return self.env._("spend cannot be negative.")
        today = fields.Date.context_today(self)
        if field.name == "day" and self.day and self.day > today:
            return self.env._("this day is in the future.")
        if field.name == "day" and self.day and self.day < FIRST_DAY:
            return self.env._("this day is before 1970.")
        if field.name == "amount" and self.amount >= MOST:
            return self.env._("this number is too large.")
        return ""

    @api.model
    def open_channel(self, company_id: Id, channel: Name):
        """Open what was spent on a channel."""
        domain = Domain("company_id", "=", company_id)
        domain &= get_name_domain(channel, "channel")
        action = "kpi_bi_dashboard.kpi_bi_spend_action"
        return open_list(self.env, action, list(domain), display_name=channel)

    @api.model
    def _refresh_analytic(self, company):
        """Bring spend of analytic items up to date; what is equal stays."""
        plan = company.kpi_bi_spend_plan_id
        column = plan._column_name() if plan else "account_id"
        fresh = SQL(
            _ANALYTIC,
            company=company.id,
            account=SQL.identifier("line", column),
            is_chosen=bool(plan),
        )
        self.env.flush_all()
        for statement in (_GONE, _NEW):
            self.env.cr.execute(SQL(statement, company=company.id, fresh=fresh))
        self.invalidate_model()


# Costs are below 0 there; what is earned on an account of the plan is no spend.
_ANALYTIC = """
    SELECT COALESCE(account.name ->> 'en_US',
                    jsonb_path_query_first(account.name, '$.*') #>> '{}') AS channel,
           line.date AS day, -sum(line.amount) AS amount
      FROM account_analytic_line AS line
      JOIN account_analytic_account AS account ON account.id = %(account)s
 LEFT JOIN account_account AS general ON general.id = line.general_account_id
     WHERE line.company_id = %(company)s
       AND %(is_chosen)s
       AND COALESCE(general.account_type, 'expense') LIKE 'expense%%'
  GROUP BY 1, 2
"""
_GONE = """
    DELETE FROM kpi_bi_spend AS spend
     WHERE spend.company_id = %(company)s
       AND spend.source = 'analytic'
       AND (spend.channel, spend.day, spend.amount) NOT IN (
           SELECT channel, day, amount FROM (%(fresh)s) AS fresh)
"""
_NEW = """
    INSERT INTO kpi_bi_spend (company_id, source, channel, day, amount, visits)
    SELECT %(company)s, 'analytic', fresh.channel, fresh.day, fresh.amount, 0
      FROM (%(fresh)s) AS fresh
     WHERE (fresh.channel, fresh.day) NOT IN (
           SELECT channel, day FROM kpi_bi_spend
            WHERE company_id = %(company)s AND source = 'analytic')
"""
