from odoo.addons.kpi_base.schemas.base import Answer


class ProbeOut(Answer):
    visits: int
