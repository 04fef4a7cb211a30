from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.models.approval.people import check_works_here

from ..engine.kudos import find_favouring
from ..engine.rings import find_patrons, find_rings

LOOK_BACK = timedelta(days=365)


class KpiKudos(models.Model):
    """Thanks from one person to another for a KPI or a period.

    Colleagues see them where both people are shown. So many a month, and each worth a
    common achievement at most: nobody lives on the favours of friends.
    """

    _name = "kpi.kudos"
    _description = "Kudos"
    _inherit = [
        "kpi.gamification.person.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
    ]
    _order = "id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(string="To", readonly=False, index=True)
    company_id = fields.Many2one(default=lambda self: self.env.company.id, index=True)
    giver_id = fields.Many2one(
        "res.users",
        "From",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        index=True,
        ondelete="restrict",
    )
    report_id = fields.Many2one(
        "kpi.report", "KPI", index="btree_not_null", ondelete="set null"
    )
    period_start = fields.Date("Period")
    text = fields.Char("Reason", required=True, size=500)
    day = fields.Date(
        required=True,
        readonly=True,
        default=lambda self: self.env.company._get_gamification_today(),
    )

    left_note = fields.Char(compute="_compute_left_note", exportable=False)

    _not_to_oneself = models.Constraint(
        "CHECK (user_id <> giver_id)", "You cannot give yourself kudos."
    )

    @api.depends("user_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Name the person and the day; the text is for whoever opens it."""
        for kudos in self:
            # Whom they are for is known to who sees them.
            person = kudos.sudo().user_id.name
            kudos.display_name = person and self.env._(
                "%(person)s, kudos on %(date)s",
                person=person,
                date=format_day(self.env, kudos.day),
            )

    def _get_shown_domain(self):
        """Both have to be shown; what the user gives they see themselves."""
        me = self.env.uid
        own = Domain("user_id", "=", me) | Domain("giver_id", "=", me)
        shown = super()._get_shown_domain()
        return own | shown & self._get_shown_person_domain("giver_id")

    @api.model_create_multi
    def create(self, vals_list):
        kudos = super().create(vals_list)
        kudos._check_thanks()
        for company, given in kudos.grouped("company_id").items():
            rows = SQL(
                "SELECT user_id, company_id, %s, id, text"
                " FROM kpi_kudos WHERE id = ANY(%s)",
                given._get_worth(company),
                given.ids,
            )
            self.env["kpi.points.entry"]._book(rows, "kudos")
        return kudos

    def unlink(self):
        """Take points back with them."""
        self.check_access("unlink")
        reason = self.env._("Kudos removed")
        self.env["kpi.points.entry"]._reverse("kudos", self.ids, reason)
        return super().unlink()

    def _get_worth(self, company):
        """Points of kudos: what the company says, a common achievement's at most."""
        achievements = self.env["kpi.achievement"].sudo()  # what they are worth is open
        is_common = Domain("rarity", "=", "common")
        is_common &= Domain("company_id", "=", company.id)
        ((most,),) = achievements._read_group(is_common, [], ["points_value:max"])
        if (
            most is False or most is None
        ):  # all became rare: the one that is worth least
            of_company = Domain("company_id", "=", company.id)
            ((most,),) = achievements._read_group(of_company, [], ["points_value:min"])
        # what holds for all is open
        return min(company.sudo().gamification_kudos_points, most or 0)

    def _check_thanks(self):
        """:raises UserError: nothing to thank for, too many, or to nobody who takes"""
        if any(not (kudos.report_id or kudos.period_start) for kudos in self):
            raise UserError(self.env._("Choose a KPI or period for the kudos."))
        self.env["kpi.gamification.choice"]._check_taking_part(self)
        for kudos in self:
            check_works_here(kudos, "user_id", kudos.company_id)
            kudos._check_allowance()

    @api.depends("company_id")
    @api.depends_context("uid")
    def _compute_left_note(self):
        for kudos in self:
            company = kudos.company_id or self.env.company
            left = kudos._count_left(company, self.env.user)
            kudos.left_note = say_count(
                left,
                self.env._("You can give 1 more kudos this month."),
                self.env._("You can give %s more kudos this month."),
            )

    def _count_left(self, company, giver):
        """How many somebody may still give in the running month of a company."""
        # what holds for all is open
        company = company.sudo()
        month = company._get_gamification_today().replace(day=1)
        given = self.search_count(
            Domain("day", ">=", month)
            & Domain("giver_id", "=", giver.id)
            & Domain("company_id", "=", company.id)
        )
        return max(company.gamification_kudos_count - given, 0)

    def _check_allowance(self):
        """:raises UserError: more than somebody may give in a month"""
        giver, month = self.giver_id, self.day.replace(day=1)
        self.env["kpi.claim"]._claim(f"kudos of {giver.id}, {month}")
        of_month = Domain("day", ">=", month)
        of_month &= Domain("day", "<", fields.Date.add(month, months=1))
        of_giver = Domain("giver_id", "=", giver.id)
        of_giver &= Domain("company_id", "=", self.company_id.id)
        # what holds for all is open
        most = self.company_id.sudo().gamification_kudos_count
        if self.search_count(of_month & of_giver) > most:
            raise UserError(self.env._("You have given all %s kudos this month.", most))

    def _find_pairs(self, company):
        """Pairs who favour each other beyond chance, in the year so far.

        :return: list of ``Pair``, with ids of people
        """
        return find_favouring(*self._read_flows(company))

    def _find_rings(self, company):
        """Groups of three to six who favor each other beyond chance, and patrons.

        :return: two lists of ``Ring``, with ids of people; no patron is of a group
        """
        flows = self._read_flows(company)
        rings = find_rings(*flows)
        patrons = [
            one
            for one in find_patrons(*flows)
            if not any({*one.ids} <= {*ring.ids} for ring in rings)
        ]
        return rings, patrons

    def _read_flows(self, company):
        """Kudos of the year so far by giver and receiver, and teams of people."""
        today = company._get_gamification_today()
        lately = Domain("company_id", "=", company.id)
        lately &= Domain("day", ">", today - LOOK_BACK)
        rows = self._read_group(lately, ["giver_id", "user_id"], ["__count"])
        # Of several the team, else the department that is furthest down.
        groups = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (member.user_id) member.user_id,
                       member.scope_type || member.scope_id
                  FROM kpi_membership AS member
             LEFT JOIN hr_department AS department
                    ON member.scope_type = 'department'
                   AND department.id = member.scope_id
                 WHERE member.company_id = %(company)s
                   AND member.date_from <= %(today)s
                   AND member.date_to > %(today)s
              ORDER BY member.user_id, member.scope_type DESC,
                       length(department.parent_path) DESC NULLS LAST, member.scope_id
                """,
                company=company.id,
                today=today,
            )
        )
        kudos = {(giver.id, receiver.id): count for giver, receiver, count in rows}
        return kudos, dict(groups)
