from odoo import api, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.links import find_circle

from ...engine.benefit_map import may_lead_to
from .ends import get_key, get_kind


class KpiBenefitLink(models.Model):
    """Links that make sense: from left to right, in one company, in no circle."""

    _inherit = "kpi.benefit.link"

    @api.constrains(
        "source_node_id", "source_benefit_id", "target_node_id", "target_benefit_id"
    )
    def _check_ends(self):
        kinds = self.env["kpi.benefit.node"]._get_kinds()
        for link in self:
            source, target = link._get_ends()
            if source.company_id != target.company_id:
                raise ValidationError(
                    self.env._("A link on the map does not lead to another company.")
                )
            pair = get_kind(source), get_kind(target)
            if not may_lead_to(*pair):
                raise ValidationError(
                    self.env._(
                        "%(first)s → %(second)s: links lead from enablers over changes "
                        "and benefits to objectives, and to these from benefits only.",
                        first=kinds[pair[0]],
                        second=kinds[pair[1]],
                    )
                )

    def _check_new_ends(self, names):
        """Refuse ends that the user may not see, and circles.

        :param names: fields of the ends that are new
        """
        for name in names:
            # What is linked is looked at; the right to it is the user's.
            self.sudo()[name].with_env(self.env).check_access("read")
        self._claim_map()
        edges = self._read_edges()
        for link in self:
            circle = find_circle(edges, *map(get_key, link._get_ends()))
            if circle:
                raise ValidationError(
                    self.env._(
                        "That would need itself: %s.",
                        " → ".join(map(self._name_end, circle)),
                    )
                )

    def _claim_map(self):
        """Let nobody else link anything of these companies meanwhile: no circles.

        Two links at once would each see a map without the other one.
        """
        companies = self.company_id
        keys = {f"benefit links of company {company.id}" for company in companies}
        self.env["kpi.claim"]._claim(*keys)

    def _read_edges(self):
        """Key of each end → keys of what it leads to, in the companies of these."""
        # A circle may lead through what the user does not see.
        links = self.sudo().search([("company_id", "in", self.company_id.ids)])
        edges = {}
        for link in links:
            source, target = map(get_key, link._get_ends())
            edges.setdefault(source, []).append(target)
        return edges

    @api.model
    def _name_end(self, key):
        record = self.env[key[0]].browse(key[1])
        if record.has_access("read"):
            return record.display_name
        return self.env._("something that you cannot see")
