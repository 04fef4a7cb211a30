import re

from lxml import html

from odoo import api, models
from odoo.fields import Domain

OWN = re.compile(r"^/web/image/(\d+)(?:[-/?]|$)")
TILE = "kpi.dashboard.tile"
LOADING = ("srcset", "background", "poster", "data", "xlink:href", "longdesc")
LOADERS = ("audio", "embed", "iframe", "input", "link", "object", "picture", "source")
LOADERS += ("svg", "video")


class KpiDashboard(models.Model):
    """What people wrote, as it leaves the server: it loads nothing from elsewhere."""

    _inherit = "kpi.dashboard"

    @api.model
    def _embed_images(self, text, embed):
        """HTML whose images come with it; in the place of others stands their text.

        A picture on another server tells that server who reads when and where.

        :param text: HTML that somebody wrote
        :param embed: called with an image (``ir.attachment``), returns its address in
            what is made
        """
        if "<" not in (text or ""):
            return text or ""
        root = html.fragment_fromstring(text, create_parent="div")
        for element in [*root.iter(*LOADERS)]:
            if element.tag == "picture":
                element.drop_tag()
            else:
                element.drop_tree()
        for image in [*root.iter("img")]:
            own = self._find_own_image(image.get("src") or "")
            if own:
                image.set("src", embed(own))
            else:
                image.tail = (image.get("alt") or "") + (image.tail or "")
                image.drop_tree()
        for element in root.iter("*"):
            for name in LOADING:
                element.attrib.pop(name, None)
            if "url(" in element.get("style", "").lower():
                del element.attrib["style"]
        return html.tostring(root, encoding="unicode")

    @api.model
    def _find_own_image(self, address):
        """The image at an address that all readers of the dashboard may see."""
        base = self.get_base_url()
        path = address[len(base) :] if address.startswith(f"{base}/") else address
        found = OWN.match(path)
        images = self.env["ir.attachment"].search(
            Domain("id", "=", found and int(found[1]))
            & Domain("mimetype", "=like", "image/%")
            & (Domain("public", "=", True) | Domain("res_model", "=", TILE))
        )
        return images._filtered_access("read")
