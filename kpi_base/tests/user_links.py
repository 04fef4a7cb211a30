"""Fields that name a person say what becomes of them when that person leaves."""

from odoo.models import MAGIC_COLUMNS


def list_connections(connections, action):
    """The rows that the web client shows where it opens an action."""
    connections = connections.with_context(**action["context"])
    answer = connections.web_search_read(action["domain"], {"name": {}})
    return connections.browse([row["id"] for row in answer["records"]])


def find_connection(case, record, user):
    """The row of a record in *My Connections*, as its person opens them."""
    connections = case.env["kpi.connection"].with_user(user)
    companies = user.with_context(active_test=False).company_ids
    connections = connections.with_context(allowed_company_ids=companies.ids)
    rows = list_connections(connections, connections.action_open_mine())
    case.assertTrue(all(rows.mapped("name")), "has no name")
    key = (record._name, record.id)
    return rows.filtered(lambda row: (row.model, row.record_id) == key)


def end_connection(case, record, user):
    """End a connection as its person does: it is listed before, and not after."""
    row = find_connection(case, record, user)
    case.assertEqual(len(row), 1, "is not listed")
    case.assertTrue(row.since)
    row._end()  # behind the question for the password, where a kind asks for it
    case.env.flush_all()
    case.env.invalidate_all()
    case.assertFalse(find_connection(case, record, user), "is listed still")


class UserLinksMixin:
    """For a test of each addon.

    :cvar addon: whose fields are looked at
    """

    addon = ""

    def test_each_field_of_people_is_registered(self):
        links = self.env["kpi.user.link"]._get_links()
        registered = [(link.model, link.field, link.on_leaving) for link in links]
        self.assertEqual(len(registered), len(set(registered)), "registered twice")
        known = {(link.model, link.field) for link in links}
        lacking = self._fields_of_people() - known
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

    def test_what_connects_people_is_listed_and_can_end(self):
        links = self.env["kpi.user.link"]
        for link in links._get_links():
            if not link.connection:
                continue
            with self.subTest(link):
                model, connection = self.env[link.model], link.connection
                links._find_linked(link, self.env.user, connection.domain)
                shown = connection.shown_as, connection.since, connection.last_used
                for name in filter(None, shown):
                    self.assertIn(name.partition(".")[0], model._fields)
                is_list = model._fields[link.field].type == "many2many"
                self.assertTrue(is_list or callable(getattr(model, link.ending)))

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
