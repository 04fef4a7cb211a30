from odoo.tests import TransactionCase

from odoo.addons.kpi_base.tests.user_links import UserLinksMixin


class TestUserLinks(UserLinksMixin, TransactionCase):
    addon = "kpi_tracking_phone"
