"""Fields that name a person say what becomes of them when that person leaves."""

from odoo.models import MAGIC_COLUMNS


class UserLinksMixin:
    """For a test of each addon.

    :cvar addon: whose fields are looked at
    """

    addon = ""

    def test_each_field_of_people_is_registered(self):
        links = self.env["kpi.user.link"]._get_links()
        registered = [(link.model, link.field) for link in links]
        self.assertEqual(len(registered), len(set(registered)), "registered twice")
        lacking = self._fields_of_people() - set(registered)
        self.assertFalse(lacking, "what becomes of it when somebody leaves?")

    def test_what_is_registered_can_be_looked_for(self):
        user = self.env.user
        for link in self.env["kpi.user.link"]._get_links():
            field = self.env[link.model]._fields[link.field]
            with self.subTest(link):
                self.assertEqual(field.comodel_name, "res.users")
                self.env[link.model].sudo().search(
                    [(link.field, "in", user.ids), *link.domain], limit=1
                )

    def _fields_of_people(self):
        """(model, field) of all that the addon stores; no dialogs, no copies."""
        return {
            (model._name, field.name)
            for model in map(self.env.__getitem__, self.env.registry)
            if model._auto and not model._abstract and not model._transient
            for field in model._fields.values()
            if field.type in ("many2one", "many2many")
            and field.comodel_name == "res.users"
            and field.store
            and not field.related
            and field.name not in MAGIC_COLUMNS
            and (model._original_module == self.addon or self.addon in field._modules)
        }
