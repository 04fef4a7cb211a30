import base64
import binascii
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.image import ImageProcess

MOST_ICON = 256 * 1024  # bytes
ICON_SIZE = 256  # pixels
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
RARITIES = [
    ("common", "Common"),
    ("rare", "Rare"),
    ("epic", "Epic"),
    ("legendary", "Legendary"),
]


class KpiAchievement(models.Model):
    """What people can earn: conditions that are decided once each period."""

    _name = "kpi.achievement"
    _description = "KPI Achievement"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "points_value, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    badge_icon = fields.Binary(help="A PNG, JPEG, GIF or WebP of at most 256 kB.")
    badge_color = fields.Char("Colour", default="#0072b2", required=True)
    points_value = fields.Integer("Points", default=10)
    rarity = fields.Selection(RARITIES, required=True, default="common")

    _points_value_positive = models.Constraint(
        "CHECK (points_value >= 0)", "An achievement is worth 0 points or more."
    )

    @api.constrains("badge_color")
    def _check_badge_color(self):
        for achievement in self:
            if not COLOR.fullmatch(achievement.badge_color or ""):
                raise ValidationError(
                    self.env._("Enter a colour as #rrggbb, such as #0072b2.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_icon(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_icon(vals))

    @api.model
    def _with_icon(self, vals):
        """Values with the icon drawn anew: nothing but pixels of it is stored."""
        given = vals.get("badge_icon")
        if not given:
            return vals
        try:
            source = base64.b64decode(given, validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise UserError(self.env._("The icon is no picture.")) from error
        if len(source) > MOST_ICON:
            raise UserError(self.env._("The icon is larger than 256 kB."))
        # Odoo stores SVG, which can hold scripts, as it is.
        if source.lstrip()[:1] == b"<":
            raise UserError(self.env._("Choose a PNG, JPEG, GIF or WebP."))
        image = ImageProcess(source).resize(ICON_SIZE, ICON_SIZE)
        if not image.image:
            raise UserError(self.env._("The icon is no picture."))
        drawn = image.image_quality(output_format="PNG")
        return {**vals, "badge_icon": base64.b64encode(drawn)}
