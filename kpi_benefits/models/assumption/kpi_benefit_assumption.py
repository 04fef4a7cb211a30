from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, sql

from odoo.addons.kpi_base.models.approval.people import check_works_here

from ..benefit.kpi_benefit_status import CONFIRMED_AT_END


class KpiBenefitAssumption(models.Model):
    """What has to hold for the plan of a benefit to be right."""

    _name = "kpi.benefit.assumption"
    _description = "Assumption"
    _inherit = ["kpi.access.mixin", "kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "benefit_id, sequence, id"
    _kpi_measurable = True
    _readable_by = ("benefit_id", "company_id")
    _editable_by = ("benefit_id", "owner_id", "company_id")

    benefit_id = fields.Many2one(
        "kpi.benefit.realization", required=True, index=True, ondelete="cascade"
    )
    initiative_id = fields.Many2one(
        related="benefit_id.initiative_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="benefit_id.company_id", store=True, precompute=True, index=True
    )
    sequence = fields.Integer(default=10, exportable=False)
    name = fields.Char("Assumption", required=True)
    owner_id = fields.Many2one(
        "res.users",
        compute="_compute_owner_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        copy=False,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Checks it. Default: the owner of the benefit.",
    )
    review_date = fields.Date("Check by", index=True)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", exportable=False
    )
    is_due = fields.Boolean(
        "To Check",
        compute="_compute_is_due",
        search="_search_is_due",
        exportable=False,
        help="Today or earlier, of plans that still run.",
    )

    @api.depends("benefit_id")
    def _compute_owner_id(self):
        for assumption in self:
            if not assumption.owner_id:
                assumption.owner_id = assumption.benefit_id.owner_id

    @api.depends("review_date")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for assumption in self:
            day = assumption.review_date
            assumption.is_overdue = bool(day) and day < today

    @api.depends_context("uid", "allowed_company_ids", "tz")
    @api.depends(
        "review_date",
        "benefit_id.active",
        "benefit_id.status",
        "initiative_id.active",
        "initiative_id.status",
    )
    def _compute_is_due(self):
        due = self.search([("id", "in", self.ids), ("is_due", "=", True)])
        for assumption in self:
            assumption.is_due = assumption in due

    def _search_is_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        is_due = self._get_running() & Domain("review_date", "<=", today)
        return is_due if True in value else ~is_due

    @api.model
    def _get_running(self):
        """The domain of those whose plan still runs."""
        is_running = Domain("benefit_id.active", "=", True)
        is_running &= Domain("benefit_id.status", "not in", tuple(CONFIRMED_AT_END))
        # The initiative decides, which who checks a benefit need not see.
        return is_running & Domain(
            "initiative_id",
            "any!",
            Domain("active", "=", True) & Domain("status", "!=", "closed"),
        )

    @api.constrains("owner_id", "benefit_id")
    def _check_owner(self):
        for assumption in self:
            check_works_here(assumption, "owner_id", assumption.company_id)
            assumption._check_owner_reads()

    @api.model_create_multi
    def create(self, vals_list):
        assumptions = super().create([_tidy(vals) for vals in vals_list])
        assumptions._log_added()
        return assumptions

    def write(self, vals):
        if vals.get("benefit_id"):
            # Rules look at the benefit that it leaves only.
            self.benefit_id.browse(vals["benefit_id"]).check_access("write")
        before = self._read_logged(vals)
        result = super().write(_tidy(vals))
        self._log_changes(before)
        return result

    def unlink(self):
        self._log_removed()
        return super().unlink()

    def init(self):
        """Take over what was one text and one day of a benefit."""
        if not sql.column_exists(self.env.cr, "benefit_realizations", "assumptions"):
            return
        self.env.cr.execute(
            SQL(
                r"""
                INSERT INTO kpi_benefit_assumption
                       (benefit_id, initiative_id, company_id, owner_id, sequence,
                        name, review_date, status,
                        create_uid, create_date, write_uid, write_date)
                SELECT id, initiative_id, company_id, owner_id, 10,
                       btrim(regexp_replace(assumptions, '\s+', ' ', 'g')),
                       assumption_review_date, 'open',
                       create_uid, create_date, write_uid, write_date
                  FROM benefit_realizations
                 WHERE assumptions ~ '\S'
                """
            )
        )
        self.env.cr.execute(
            SQL(
                """
                ALTER TABLE benefit_realizations
                DROP COLUMN assumptions, DROP COLUMN assumption_review_date
                """
            )
        )

    def _find_next_check(self):
        """The earliest day on which one of these is to be checked; False: none."""
        return min(filter(None, self.mapped("review_date")), default=False)

    def _check_owner_reads(self):
        """Refuse somebody to check it who does not see what it is about."""
        benefit, person = self.benefit_id, self.owner_id
        if person != benefit.owner_id and not benefit._is_readable_by(person.id):
            raise ValidationError(
                self.env._(
                    "%(assumption)s: %(person)s does not see the benefit. Choose"
                    " somebody else, or add them as a follower of the initiative.",
                    assumption=self.name,
                    # Whom somebody chose is no secret to them.
                    person=person.sudo().name,
                )
            )


def _tidy(vals):
    """An assumption is one line: programs write several as lines of a text."""
    if not isinstance(vals.get("name"), str):
        return vals
    return {**vals, "name": " ".join(vals["name"].split())}
