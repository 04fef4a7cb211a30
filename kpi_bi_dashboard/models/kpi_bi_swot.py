from odoo import Command, api, fields, models


class KpiBiActedMixin(models.AbstractModel):
    """Part of a market that a KPI tells of, and about which people do something."""

    _name = "kpi.bi.acted.mixin"
    _description = "Market Item with Actions"
    _inherit = ["kpi.bi.market.part.mixin"]

    active = fields.Boolean(default=True)
    name = fields.Char(required=True, tracking=True)
    description = fields.Text()
    report_id = fields.Many2one(
        "kpi.report",
        "KPI",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="KPI used to track progress.",
    )
    action_items = fields.Many2many("kpi.action.item", string="Actions", copy=False)


class KpiBiSwot(models.Model):
    """A strength, weakness, opportunity or threat; people vote on what matters."""

    _name = "kpi.bi.swot"
    _description = "SWOT"
    _inherit = ["kpi.bi.acted.mixin", "kpi.readonly.mixin"]
    _order = "vote_count desc, id"

    kind = fields.Selection(
        [
            ("strength", "Strengths"),
            ("weakness", "Weaknesses"),
            ("opportunity", "Opportunities"),
            ("threat", "Threats"),
        ],
        required=True,
        default="strength",
        index=True,
        tracking=True,
        group_expand=True,
    )
    market_id = fields.Many2one(
        "kpi.bi.market",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="Leave empty for all markets.",
    )
    voter_ids = fields.Many2many(
        "res.users", string="Voted By", readonly=True, copy=False, exportable=False
    )
    vote_count = fields.Integer("Votes", compute="_compute_vote_count", store=True)
    has_my_vote = fields.Boolean(compute="_compute_has_my_vote", exportable=False)

    @api.depends("voter_ids")
    def _compute_vote_count(self):
        for one in self:
            one.vote_count = len(one.voter_ids)

    @api.depends("voter_ids")
    @api.depends_context("uid")
    def _compute_has_my_vote(self):
        for one in self:
            one.has_my_vote = self.env.user in one.voter_ids

    def action_vote(self):
        """Vote for it, or take the vote back."""
        self.check_access("read")
        for one in self:
            change = Command.unlink if one.has_my_vote else Command.link
            # Whoever sees it has a vote, and nobody another one's.
            one.sudo().voter_ids = [change(self.env.uid)]
        return True
