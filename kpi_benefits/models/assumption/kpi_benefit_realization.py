from odoo import api, fields, models
from odoo.fields import Command


class KpiBenefitRealization(models.Model):
    """Assumptions of a benefit; as one text and one day for programs, too."""

    _inherit = "kpi.benefit.realization"

    assumption_ids = fields.One2many(
        "kpi.benefit.assumption", "benefit_id", copy=True, string="Assumptions"
    )
    assumptions = fields.Text(
        "Assumptions as Text",
        compute="_compute_assumptions",
        inverse="_inverse_assumptions",
        exportable=False,
        help="What has to hold for the plan to be right, a line each.",
    )
    assumption_review_date = fields.Date(
        "Next Check of Assumptions",
        compute="_compute_assumption_review_date",
        inverse="_inverse_assumptions",
        exportable=False,
        help="The earliest one.",
    )

    @api.depends("assumption_ids.name")
    def _compute_assumptions(self):
        for benefit in self:
            lines = [one.name for one in benefit.assumption_ids if one.name]
            benefit.assumptions = "\n".join(lines) or False

    @api.depends("assumption_ids.review_date")
    def _compute_assumption_review_date(self):
        for benefit in self:
            benefit.assumption_review_date = benefit.assumption_ids._find_next_check()

    def _inverse_assumptions(self):
        """Make the rows what a text and a day say; lines that stay keep their checks.

        A new day is that of all rows; lines that are new have it, too.
        """
        for benefit in self:
            rows, day = benefit.assumption_ids, benefit.assumption_review_date
            lines = _split(benefit.assumptions)
            gone = rows.filtered(lambda one, lines=lines: one.name not in lines)
            stay = rows - gone
            known = set(stay.mapped("name"))
            values = [Command.delete(one.id) for one in gone]
            if day != rows._find_next_check():
                values += [Command.update(one.id, {"review_date": day}) for one in stay]
            values += [
                Command.create({"name": line, "review_date": day})
                for line in lines
                if line not in known
            ]
            benefit.assumption_ids = values

    @api.constrains("initiative_id")
    def _check_assumption_owners(self):
        self.assumption_ids._check_owner()

    def _hand_over_assumptions(self, owners):
        """Who follows as owner of these benefits checks what the one before did.

        :param owners: benefit → owner before
        """
        for benefit, owner in owners.items():
            # The right to the benefit was checked; it may be another's by now.
            given = benefit.sudo()
            rows = given.assumption_ids.filtered(
                lambda one, owner=owner: one.owner_id == owner
            )
            rows.owner_id = given.owner_id


def _split(text):
    """Lines of a text, each once, as assumptions are stored."""
    lines = (" ".join(line.split()) for line in (text or "").splitlines())
    return list(dict.fromkeys(filter(None, lines)))
