from odoo import api, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, ormcache, split_every

from ...user_link import END, HAND_OVER, STAY, Connection, UserLink

BATCH = 1000
IS_ASKED = ("state", "in", ("later", "asked"))


class KpiUserLink(models.AbstractModel):
    """All that hangs on a person, as the addons name it."""

    _name = "kpi.user.link"
    _description = "User References"

    @api.model
    def _get_links(self):
        """The ``UserLink`` of all addons; extended by each for its own models."""
        delegation, step = ("kpi.approval.delegation", "kpi.approval.step")
        stays, valid = (("date_to", "=", False),), (("revoked_at", "=", False),)
        waits, runs = ("state", "=", "waiting"), ("state", "in", ("queued", "running"))
        unread = ("user_id", "=", False)
        return [
            UserLink("kpi.team", "leader_id", HAND_OVER),
            UserLink("kpi.team.member", "user_id", END, stays, ending="_end_today"),
            UserLink(
                "kpi.api.key",
                "user_id",
                END,
                valid,
                ending="action_revoke",
                connection=Connection(
                    self.env._("API Key"),
                    last_used="last_used_at",
                    domain=(
                        "|",
                        ("expires_at", "=", False),
                        ("expires_at", ">", "now"),
                    ),
                ),
            ),
            UserLink("kpi.delivery", "user_id", END, (waits,)),
            UserLink("kpi.delivery", "reader_id", END, (waits, unread)),
            UserLink("kpi.import", "create_uid", END, (runs,)),
            UserLink("kpi.membership", "user_id", STAY),
            UserLink("kpi.audit.log", "user_id", STAY),
            UserLink("kpi.job", "requested_by_id", STAY),
            UserLink("kpi.approval.workflow", "owner_id", HAND_OVER),
            UserLink("kpi.approval.approver", "user_id", HAND_OVER),
            UserLink(step, "user_id", HAND_OVER, (IS_ASKED,)),
            UserLink(step, "for_user_id", STAY),
            UserLink(step, "submitter_id", STAY),
            UserLink(
                "kpi.approval.link",
                "user_id",
                END,
                ending="_revoke",
                connection=Connection(
                    self.env._("Approval Link"),
                    shown_as="step_id.document_name",
                    last_used="last_used_at",
                    domain=(
                        *valid,
                        ("spent_at", "=", False),
                        ("expires_on", ">=", "today"),
                        ("step_id.state", "=", "asked"),
                    ),
                ),
            ),
            UserLink("kpi.approval.change", "user_id", STAY),
            UserLink(delegation, "user_id", END, ending="unlink"),
            UserLink(delegation, "delegate_id", END, ending="unlink"),
        ]

    @api.model
    def _find_records(self, user, on_leaving):
        """``UserLink`` of a fate → its records that name ``user``; none empty."""
        links = [link for link in self._get_links() if link.on_leaving == on_leaving]
        found = {link: self._find_linked(link, user) for link in links}
        return {link: records for link, records in found.items() if records}

    @api.model
    def _find_connections(self, user):
        """``UserLink`` → its records that still connect ``user``; none empty."""
        found = {}
        for link in self._get_links():
            if link.connection:
                records = self._find_linked(link, user, link.connection.domain)
                if records:
                    found[link] = records
        return found

    @api.model
    def _find_linked(self, link, user, domain=()):
        """The records that name ``user`` by one link, archived ones too."""
        # Who handles leaving must see all of it, whoever may read what.
        records = self.env[link.model].sudo().with_context(active_test=False)
        own = Domain(link.field, "in", user.ids)
        return records.search(own & Domain(list(link.domain)) & Domain(list(domain)))

    @api.model
    def _hand_over(self, link, user, successor):
        """Give what somebody answers for by a link to somebody else; all or nothing."""
        records = self._find_linked(link, user)
        takes_over = successor.id
        if records._fields[link.field].type == "many2many":
            leave = [Command.unlink(each.id) for each in user]
            takes_over = [*leave, Command.link(successor.id)]
        text = self.env._(
            "Transferred from %(former)s to %(successor)s.",
            former=", ".join(user.mapped("name")),
            successor=successor.name,
        )
        for some in split_every(BATCH, records.ids, records.browse):
            some.write({link.field: takes_over})
            if isinstance(records, self.env.registry["mail.thread"]):
                some._message_log_batch(
                    bodies=dict.fromkeys(some.ids, text),
                    author_id=self.env.user.partner_id.id,
                )
            some.flush_recordset()

    @api.model
    def _end(self, user):
        """End what was for somebody: shares, emails, keys, links, memberships."""
        for link, records in self._find_ending(user).items():
            self._end_records(link, records, user)

    @api.model
    def _end_records(self, link, records, user):
        """End what names ``user`` by one link; returns what its method answers."""
        is_list = records._fields[link.field].type == "many2many"
        if link.ending:
            return getattr(records, link.ending)(*[user] if is_list else ())
        return records.write({link.field: [Command.unlink(each.id) for each in user]})

    @api.model
    def _find_ending(self, user):
        """Find what ``_end`` ends; what only this person ever saw stays as it is."""
        return {
            link: records
            for link, records in self._find_records(user, END).items()
            if link.ending or records._fields[link.field].type == "many2many"
        }

    @api.model
    @ormcache()
    def _responsible_sql(self):
        """Ids of people who answer for something, those who have left among them.

        The same for everybody, as long as the same addons are installed.
        """
        return SQL(" UNION ").join(
            self._responsible_by_sql(link)
            for link in self._get_links()
            if link.on_leaving == HAND_OVER
        )

    @api.model
    def _responsible_by_sql(self, link):
        # Whoever counts them need not see what they answer for.
        model = self.env[link.model].sudo().with_context(active_test=False)
        has_person = Domain(link.field, "!=", False) & Domain(list(link.domain))
        query = model._search(has_person)
        field = model._fields[link.field]
        if field.type == "many2one":
            return query.select(SQL.identifier(query.table, link.field))
        return SQL(
            "SELECT %s FROM %s WHERE %s IN %s",
            SQL.identifier(field.column2),
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
            query.subselect(),
        )
