from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.base.models.res_users import check_identity

from ..actions import open_list
from ..roles import ADMIN

ACTION = "kpi_base.kpi_connection_action"
FRESH = "kpi_connections_are_fresh"  # in the context: this request has looked
PERSON = "kpi_connections_of"  # in the context: id of the user whose list is open


class KpiConnection(models.TransientModel):
    """Keys, links, chats, devices and emails of a person, each with an end.

    The addons name them by a ``Connection`` of their ``UserLink``. Rows follow them
    each time the list is read and decide nothing: what is to end is looked for again.
    """

    _name = "kpi.connection"
    _description = "Connection"
    _order = "kind, name, id"

    user_id = fields.Many2one("res.users", "Person", required=True, readonly=True)
    kind = fields.Char("Type", readonly=True)
    name = fields.Char(readonly=True)
    since = fields.Datetime("Connected Since", readonly=True)
    last_used_at = fields.Datetime("Last Used", readonly=True)
    model = fields.Char(required=True, readonly=True)
    field_name = fields.Char(required=True, readonly=True)
    record_id = fields.Integer(required=True, readonly=True)

    @api.model
    def action_open_mine(self):
        """List the connections of the user."""
        # Its tabs are found by the id of the menu's action.
        mine = {"id": self.env.ref(f"{ACTION}_mine").id}
        return open_list(self.env, ACTION, [("user_id", "=", self.env.uid)], **mine)

    def action_open_preferences(self):
        """Open the preferences, where keys are made and chats are connected."""
        action = self.env["res.users"].action_get()
        return {**action, "res_id": self.env.uid}

    @api.model
    def _action_open(self, user):
        """List the connections of ``user``: the user at work, or anybody for admins."""
        if user == self.env.user:
            return self.action_open_mine()
        self._check_person(user)
        return open_list(
            self.env,
            f"{ACTION}_person",
            [("user_id", "=", user.id)],
            display_name=self.env._("Connections of %s", user.name),
            context={PERSON: user.id},
        )

    # Both write, so neither reads on a replica.
    @api.model
    def web_search_read(
        self, domain, specification, offset=0, limit=None, order=None, count_limit=None
    ):
        if FRESH not in self.env.context:
            self._refresh()
        return super().web_search_read(
            domain, specification, offset, limit, order, count_limit
        )

    @api.model
    def web_read_group(
        self,
        domain,
        groupby,
        aggregates=(),
        limit=None,
        offset=0,
        order=None,
        **options,
    ):
        self._refresh()
        # Groups that are open are read by the method above.
        groups = self.with_context(**{FRESH: True})
        return super(KpiConnection, groups).web_read_group(
            domain, groupby, aggregates, limit, offset, order, **options
        )

    @api.model
    def _refresh(self):
        """Have the rows of the list follow what connects its person now."""
        user, chosen = self.env.user, self.env.context.get(PERSON)
        if type(chosen) is int:
            user = user.browse(chosen).exists()
        rows = {
            (row["model"], row["field_name"], row["record_id"]): row
            for row in self._prepare_rows(user)
        }
        gone = self.browse()
        own = [("create_uid", "=", self.env.uid), ("user_id", "in", user.ids)]
        for known in self.search(own):
            row = rows.pop((known.model, known.field_name, known.record_id), None)
            if row:
                known._write_changes(row)
            else:
                gone |= known
        gone.unlink()
        self.create(list(rows.values()))

    def _write_changes(self, row):
        """Write what differs of a row: most is as it was when read last."""
        changes = {
            name: value
            for name, value in row.items()
            if not self._holds(self._fields[name], value)
        }
        if changes:
            self.write(changes)

    @api.model
    def _prepare_rows(self, user):
        rows = []
        everywhere = self.env.user.company_ids.ids
        for link, records in self._find(user).items():
            connection = link.connection
            for record in records.with_context(allowed_company_ids=everywhere):
                used = connection.last_used and record[connection.last_used]
                rows.append(
                    {
                        "user_id": user.id,
                        "kind": connection.kind,
                        "name": self._get_name(record, connection.shown_as, user),
                        "since": record[connection.since],
                        "last_used_at": used,
                        "model": link.model,
                        "field_name": link.field,
                        "record_id": record.id,
                    }
                )
        return rows

    @api.model
    def _get_name(self, record, path, user):
        """What the list calls a connection of ``user``; of others what may be read.

        :param path: as ``Connection.shown_as``
        """
        about, _dot, field = path.rpartition(".")
        named = record.mapped(about) if about else record
        if user != self.env.user:
            named = named.sudo(False)._filtered_access("read")
            return ", ".join(filter(None, named.mapped(field or "display_name")))
        names = named.mapped(field or "display_name")
        return ", ".join(filter(None, names)) or record.display_name

    @api.model
    def _find(self, user):
        """``UserLink`` → connections of ``user`` that the user at work may end."""
        self._check_person(user)
        is_own = user == self.env.user
        found = self.env["kpi.user.link"]._find_connections(user)
        for link, records in found.items():
            if not is_own and not link.model.startswith("kpi."):
                # Odoo's own rules say who sees the devices of others.
                found[link] = records.sudo(False)._filtered_access("read").sudo()
        return found

    @api.model
    def _check_person(self, user):
        if user != self.env.user and not self.env.user.has_group(ADMIN):
            raise AccessError(
                self.env._("Only KPI administrators can end other users' connections.")
            )

    def action_end(self):
        """End these connections; where Odoo asks for the password, it does so first.

        :raises UserError: one of them has ended already
        """
        self._check_listed()
        asks = {
            (link.model, link.field)
            for link in self.env["kpi.user.link"]._get_links()
            if link.connection and link.connection.asks_password
        }
        if any((row.model, row.field_name) in asks for row in self):
            return self.action_end_checked()
        return self._end()

    @check_identity
    def action_end_checked(self):
        """End these connections once the user has entered the password."""
        self._check_listed()
        return self._end()

    def _check_listed(self):
        if self.exists() != self:
            self._refuse_ended()
        self.check_access("read")

    def _refuse_ended(self):
        raise UserError(
            self.env._("This connection has already ended. Reload the page.")
        )

    def _end(self):
        for user, rows in self.grouped("user_id").items():
            ended = self.browse()
            for link, records in self._find(user).items():
                chosen = rows.filtered_domain(
                    [
                        ("model", "=", link.model),
                        ("field_name", "=", link.field),
                        ("record_id", "in", records.ids),
                    ]
                )
                if chosen:
                    ending = records.browse(chosen.mapped("record_id"))
                    self.env["kpi.user.link"]._end_records(link, ending, user)
                    ended |= chosen
            if ended != rows:
                self._refuse_ended()
        self.unlink()
        return True
