from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.rights import search_by

CHOICES = [
    ("shown", "Visible to Colleagues"),
    ("hidden", "Only Me"),
    ("out", "Do Not Participate"),
]


class KpiGamificationCompanyMixin(models.AbstractModel):
    """What officers, or whoever starts it, set up in a company."""

    _name = "kpi.gamification.company.mixin"
    _description = "Company Record"
    _inherit = ["kpi.input.mixin"]

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )


class KpiGamificationPersonMixin(models.AbstractModel):
    """Rows that belong to somebody: rules ask whether the user may see them."""

    _name = "kpi.gamification.person.mixin"
    _description = "Person Visibility"

    user_id = fields.Many2one(
        "res.users", "Person", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    is_shown_to_me = fields.Boolean(
        string="Visible to Me",
        compute="_compute_is_shown_to_me",
        search=search_by("_get_shown_domain"),
        exportable=False,
    )

    @api.depends("user_id", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_shown_to_me(self):
        # The answer is the rule's own: asked of all rows, or it would ask itself.
        rows = self.sudo().with_context(active_test=False)
        shown = rows.search(Domain("id", "in", self.ids) & self._get_shown_domain())
        for row in self:
            row.is_shown_to_me = row.id in shown._ids

    def _get_my_domain(self):
        """Rows of the user in the current company."""
        mine = Domain("user_id", "=", self.env.uid)
        return mine & Domain("company_id", "=", self.env.company.id)

    def _get_shown_domain(self):
        return self._get_shown_person_domain("user_id")

    def _get_shown_person_domain(self, person):
        """Rows whose ``person`` is the user, or shown to them."""

        def to_sql(model, alias, query):
            return self.env["kpi.gamification.choice"]._shown_to_me(
                SQL.identifier(alias, person), SQL.identifier(alias, "company_id")
            )

        return Domain.custom(to_sql=to_sql)


class KpiGamificationChoice(models.Model):
    """What colleagues see of somebody in a company; all ways out ask it here.

    What may be shown is one piece of SQL, ``_shown_to_me``; who takes part is another,
    ``_evaluated``. Where there is no row, the company says what holds.
    """

    _name = "kpi.gamification.choice"
    _description = "Achievement Visibility"
    _inherit = ["kpi.gamification.person.mixin"]
    _rec_name = "choice"
    _order = "id"

    user_id = fields.Many2one(default=lambda self: self.env.uid, ondelete="cascade")
    company_id = fields.Many2one(
        default=lambda self: self.env.company, ondelete="cascade"
    )
    choice = fields.Selection(CHOICES, "My Achievements", required=True)
    since = fields.Date(
        required=True,
        readonly=True,
        default=lambda self: self.env.company._get_gamification_today(),
    )
    counts_from = fields.Date(
        string="Counted From",
        readonly=True,
        exportable=False,
        help="Date the person rejoined. Earlier periods do not count.",
    )

    _user_company_uniq = models.UniqueIndex(
        "(user_id, company_id)", "This person has already chosen."
    )

    @api.model
    def get_choice(self):
        """Return what holds for the user in their company: a key of ``CHOICES``."""
        own = self.search(self._get_my_domain())
        # Whether colleagues see each other is no secret to them.
        return own.choice or self.env.company.sudo().gamification_choice

    @api.model
    def choose(self, choice: str):
        """Say who sees what the user earns in the current company.

        :param choice: a key of ``CHOICES``
        """
        if choice not in dict(CHOICES):
            raise UserError(self.env._("“%s” is not one of the choices.", choice))
        self.check_access("read")
        # Nobody writes rows, as they say for whom and since when: this one's is theirs.
        own = self.sudo().search(self._get_my_domain())
        if not own:
            own.create([{"choice": choice}])
        elif choice != own.choice:
            today = self.env.company._get_gamification_today()
            vals = {"choice": choice, "since": today}
            if own.choice == "out" and own.since < today:
                vals["counts_from"] = today
            own.write(vals)
        if choice == "out":
            self.env["kpi.challenge.member"]._leave_all()
        return True

    def _check_taking_part(self, records):
        """:raises UserError: the person of one of these takes no part in its company"""
        # Whoever thanks or invites somebody is told that they do not take part.
        chosen = self.sudo().search([("user_id", "in", records.user_id.ids)])
        out = {(one.user_id, one.company_id) for one in chosen if one.choice == "out"}
        for one in records:
            if (one.user_id, one.company_id) in out:
                raise UserError(
                    self.env._("%s does not participate.", one.user_id.name)
                )

    def _shown_to_me(self, user_column, company_column):
        """SQL that holds for what the user may see of others, and for their own.

        :param user_column, company_column: ``SQL`` of whom and where it is about
        """
        self.flush_model()
        # The companies say what holds in them, whoever asks.
        companies = self.env.companies.sudo()
        companies = companies.filtered(lambda one: not one.gamification_teams_only)
        open_ones = companies.filtered(lambda one: one.gamification_choice == "shown")
        return SQL(
            """
            (%(user)s = %(me)s
             OR %(company)s = ANY(%(asked)s)
                AND (%(user)s, %(company)s) IN (
                      SELECT user_id, company_id
                        FROM kpi_gamification_choice
                       WHERE choice = 'shown')
             OR %(company)s = ANY(%(open)s)
                AND (%(user)s, %(company)s) NOT IN (
                      SELECT user_id, company_id
                        FROM kpi_gamification_choice
                       WHERE choice <> 'shown'))
            """,
            user=user_column,
            company=company_column,
            me=self.env.uid,
            asked=companies.ids,
            open=open_ones.ids,
        )

    def _find_shown(self, user_ids, company):
        """Those of some people of a company whom the user is shown."""
        is_shown = self._shown_to_me(SQL("res_users.id"), SQL("%s", company.id))
        shown = Domain.custom(to_sql=lambda _rows, _table, _query: is_shown)
        return self.env["res.users"].search(Domain("id", "in", [*user_ids]) & shown)

    def _evaluated(self, user_column, company_column, day_column, first_column):
        """SQL that holds for whoever takes part on a day, and did before.

        :param user_column, company_column: ``SQL`` with the names of their tables
        :param day_column: ``SQL`` of the day on which something is worked out
        :param first_column: ``SQL`` of the first day of what it is worked out from
        """
        self.flush_model()
        return SQL(
            """
            NOT EXISTS (
              SELECT
                FROM kpi_gamification_choice AS chosen
               WHERE chosen.user_id = %s
                 AND chosen.company_id = %s
                 AND (chosen.choice = 'out' AND chosen.since <= %s
                      OR chosen.counts_from > %s))
            """,
            user_column,
            company_column,
            day_column,
            first_column,
        )
