from odoo import http

from odoo.addons.kpi_base.rest.rows import read_values

from ..schemas import link as schemas
from .initiative import BenefitResource

NODES = BenefitResource("/api/benefits/nodes/<kpi_id:node_id>", schemas.NodeOut)
LINKS = BenefitResource("/api/benefits/links/<kpi_id:link_id>", schemas.LinkOut)


class KpiBenefitNodeApi(http.Controller):
    """Enablers, changes and objectives on the map of benefits."""

    list_nodes = NODES.list(
        "Enablers, changes and objectives",
        "kind initiative_id company_id",
        sortable="name kind",
    )
    get_node = NODES.get("One enabler, change or objective")

    @NODES.post(
        "Add an enabler, a change or an objective",
        schemas.NodeIn,
        example={
            "kind": "change",
            "initiative_id": 1,
            "name": "Vendors send files",
        },
    )
    def create_node(self, nodes, body):
        """Those who may change the initiative add enablers and changes, KPI officers
        objectives."""
        return nodes.create(read_values(body, nodes))

    @NODES.change(
        "Change an enabler, a change or an objective",
        schemas.NodeChange,
        example={"description": "All but ten of them"},
    )
    def change_node(self, node, body):
        """With “If-Match” only if it has not changed since."""
        node.write(read_values(body, node))

    @NODES.remove("Delete an enabler, a change or an objective")
    def remove_node(self, node):
        """With its links; with “If-Match” only if it has not changed since."""
        node.unlink()


class KpiBenefitLinkApi(http.Controller):
    """Links from benefits to what they bring nearer, and from what they need."""

    list_links = LINKS.list(
        "Links between benefits, and with enablers, changes and objectives",
        "source_node_id source_benefit_id target_node_id target_benefit_id",
    )
    get_link = LINKS.get("One link")

    @LINKS.post(
        "Link a benefit with what it needs or brings nearer",
        schemas.LinkIn,
        example={
            "source_benefit_id": 1,
            "target_benefit_id": 2,
            "note": "Hours are saved where files come in",
        },
    )
    def create_link(self, links, body):
        """Nothing may need itself, by way of others either."""
        return links.create(read_values(body, links))

    @LINKS.change(
        "Change why a link is there", schemas.LinkChange, example={"note": "As agreed"}
    )
    def change_link(self, link, body):
        """With “If-Match” only if it has not changed since."""
        link.write(read_values(body, link))

    @LINKS.remove("Remove a link")
    def remove_link(self, link):
        """With “If-Match” only if it has not changed since."""
        link.unlink()
