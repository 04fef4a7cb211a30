from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount

from ...engine.benefit_map import place_map
from .kpi_benefit_link import get_key, get_kind

MOST_BENEFITS = 80  # more than anybody can read
MOST_CHOICES = 200


class KpiBenefitMap(models.AbstractModel):
    """What enables benefits and what these bring nearer, as far as one sees it."""

    _name = "kpi.benefit.map"
    _description = "Benefits Map"

    @api.model
    @api.readonly
    def get_choices(self):
        """Initiatives with benefits, those with the most benefits first.

        :return: list of dicts: ``id``, ``name`` and ``count``
        """
        groups = self.env["kpi.benefit.realization"]._read_group(
            self._get_place_domain(None),
            ["initiative_id"],
            ["__count"],
            order="__count desc, initiative_id",
            limit=MOST_CHOICES,
        )
        return [
            # Whoever sees a benefit sees what its initiative is called.
            {"id": one.id, "name": one.sudo().display_name, "count": count}
            for one, count in groups
        ]

    @api.model
    @api.readonly
    def get_map(self, initiative_id: int | None = None):
        """The map of an initiative and of all below it, or of everything.

        :return: dict of ``nodes``, ``links``, ``kinds``, and the extent of the drawing
        """
        if initiative_id and type(initiative_id) is not int:
            raise UserError(self.env._("This initiative does not exist."))
        domain = self._get_place_domain(initiative_id)
        benefits = self.env["kpi.benefit.realization"].search(
            domain, order="expected_value desc, id", limit=MOST_BENEFITS
        )
        links, items = self._find_links(benefits), self.env["kpi.benefit.node"]
        if initiative_id:
            # Items without links as well.
            items = items.search(domain)
        items |= links.source_node_id | links.target_node_id
        linked = benefits | links.source_benefit_id | links.target_benefit_id
        records = {get_key(one): one for one in (*items.sorted(), *linked)}
        pairs = {tuple(map(get_key, link._get_ends())) for link in links}
        pairs = {pair for pair in pairs if records.keys() >= set(pair)}
        reached = {target for source, target in pairs if source[0] == items._name}
        for benefit in benefits:
            # Initiatives lead to those of their benefits that no change leads to.
            if get_key(benefit) not in reached:
                initiative = benefit.initiative_id
                records[get_key(initiative)] = initiative
                pairs.add((get_key(initiative), get_key(benefit)))
        hidden = benefits.search_count(domain) - len(benefits)
        return self._draw(records, sorted(pairs), hidden)

    def _get_place_domain(self, initiative_id):
        """Return the domain of what belongs to an initiative or to one below it.

        Owners of benefits need not see the initiative: the rules of benefits decide.
        """
        place = Domain("active", "=", True)
        if initiative_id:
            place &= Domain("id", "child_of", initiative_id)
        return Domain("initiative_id", "any!", place)

    def _find_links(self, benefits):
        """Links of these benefits and of what they are linked to, as the user sees."""
        links = self.env["kpi.benefit.link"]
        found = links.search(
            Domain("source_benefit_id", "in", benefits.ids)
            | Domain("target_benefit_id", "in", benefits.ids)
        )
        nodes = found.source_node_id | found.target_node_id
        while nodes:
            more = links.search(
                Domain("source_node_id", "in", nodes.ids)
                & Domain("target_node_id", "!=", False)
                | Domain("target_node_id", "in", nodes.ids)
                & Domain("source_node_id", "!=", False)
            )
            known = found.source_node_id | found.target_node_id
            found |= more
            nodes = (more.source_node_id | more.target_node_id) - known
        return found

    def _draw(self, records, links, hidden):
        layout = place_map(
            {key: get_kind(record) for key, record in records.items()}, links
        )
        return {
            "kinds": self.env["kpi.benefit.node"]._get_kinds(),
            "nodes": [
                {
                    **self._describe(record),
                    "key": _join(key),
                    "place": layout.nodes[key],
                }
                for key, record in records.items()
            ],
            "links": [
                {
                    "source": _join(source),
                    "target": _join(target),
                    "bends": layout.paths[source, target],
                }
                for source, target in links
            ],
            "left": layout.left,
            "right": layout.right,
            "hidden": hidden,
        }

    def _describe(self, record):
        """What the box of a record says."""
        described = {
            "id": record.id,
            "model": record._name,
            "kind": get_kind(record),
            # Whoever sees a benefit sees what its initiative is called.
            "name": record.sudo().display_name,
            "can_open": record.has_access("read"),
            "status": "",
            "label": "",
            "value": "",
        }
        if described["kind"] == "benefit":
            labels = dict(record._fields["status"]._description_selection(self.env))
            described["status"] = record.status
            described["label"] = labels[record.status]
            described["value"] = format_amount(
                self.env,
                record.expected_value,
                record.currency_id,
                trailing_zeroes=False,
            )
        return described


def _join(key):
    return f"{key[0]}-{key[1]}"
