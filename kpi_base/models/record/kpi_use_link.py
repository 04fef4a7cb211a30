from odoo import api, models
from odoo.fields import Domain


class KpiUseLink(models.AbstractModel):
    """What uses which records, as the addons name it."""

    _name = "kpi.use.link"
    _description = "Uses"

    @api.model
    def _get_links(self):
        """The ``UseLink`` of all addons; extended by each for its own models."""
        return []

    @api.model
    def _follow(self, link, records):
        # What somebody may not see is counted; its name is not told.
        model = self.env[link.model].sudo().with_context(active_test=False)
        users, todo = model.browse(), records
        while todo:
            # in force, also by ways over what is archived
            domain = Domain(link.field, "in", todo.ids)
            if "active" in self.env[link.model]._fields:
                domain &= Domain("active", "=", True)
            todo = model.search(domain) - users
            users |= todo
            if not link.is_transitive:
                return users
        return users - model.browse(records.ids)

    @api.model
    def _list_users(self, records):
        """What uses some of these records, in words: a statement or two for each link.

        :return: list of dicts of ``label``, ``count``, ``items`` (``model``, ``id`` and
            ``name`` of those that the user may see in any of their companies) and
            ``hidden_count``
        """
        env = self.env
        if not env.su:
            companies = env.user.company_ids.ids
            env = self.with_context(allowed_company_ids=companies).env
        found, described = {}, []
        for link in self._get_links():
            if link.used == records._name:
                users = self._follow(link, records)
                known = users.mapped(link.shown_as) if link.shown_as else users
                same = found.setdefault(link.label, {})
                same[known._name] = same.get(known._name, known.browse()) | known
        for label, kinds in found.items():
            items = [
                {"model": user._name, "id": user.id, "name": user.display_name}
                for users in kinds.values()
                for user in users.with_env(env)._filtered_access("read")
            ]
            count = sum(map(len, kinds.values()))
            hidden = {"hidden_count": count - len(items)}
            if count:
                described.append(
                    {"label": label, "count": count, "items": items, **hidden}
                )
        return described

    @api.model
    def _say_users(self, described):
        """One line for each kind of ``_list_users``: “Scorecards: Sales, 2 more”."""
        lines = []
        for each in described:
            names = [item["name"] for item in each["items"]]
            if each["hidden_count"]:
                hidden = each["hidden_count"]
                names.append(self.env._("%s that you cannot access", hidden))
            lines.append(f"{each['label']}: {', '.join(names)}")
        return lines
