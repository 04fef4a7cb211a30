from odoo import api, fields, models


class KpiTeam(models.Model):
    """Named group of users whose membership is dated.

    A person who changes teams still counts for the old team in the periods
    before the change.
    """

    _name = "kpi.team"
    _description = "KPI Team"
    _inherit = ["kpi.input.mixin", "kpi.thread.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    leader_id = fields.Many2one("res.users", index="btree_not_null")
    member_ids = fields.One2many("kpi.team.member", "team_id")
    member_count = fields.Integer(compute="_compute_member_count")
    linked_model = fields.Char(
        copy=False,
        help="Model of a linked record, such as a sales team.",
        exportable=False,
    )
    linked_id = fields.Integer("Linked Record ID", copy=False, exportable=False)

    _linked_uniq = models.UniqueIndex(
        "(linked_model, linked_id) WHERE linked_model IS NOT NULL",
        "This record is already linked to a KPI team.",
    )

    @api.depends_context("uid")
    @api.depends("member_ids.date_from", "member_ids.date_to")
    def _compute_member_count(self):
        today = fields.Date.context_today(self)
        counts = dict(
            self.env["kpi.team.member"]._read_group(
                [
                    ("team_id", "in", self.ids),
                    ("date_from", "<=", today),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">", today),
                ],
                ["team_id"],
                ["__count"],
            )
        )
        for team in self:
            team.member_count = counts.get(team, 0)

    @api.model
    def _find_or_create_linked(self, records):
        """Id of a record of another app → its team, which is made where missing."""
        teams = self.with_context(active_test=False).search(
            [("linked_model", "=", records._name), ("linked_id", "in", records.ids)]
        )
        by_record = {team.linked_id: team for team in teams}
        missing = records.filtered(lambda record: record.id not in by_record)
        rows = []
        for record in missing:
            company = "company_id" in record._fields and record.company_id
            rows.append(
                {
                    "name": record.display_name,
                    "company_id": (company or self.env.company).id,
                    "linked_model": record._name,
                    "linked_id": record.id,
                    "leader_id": "user_id" in record._fields and record.user_id.id,
                }
            )
        by_record.update({team.linked_id: team for team in self.create(rows)})
        return by_record
