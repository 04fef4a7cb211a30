"""How a dashboard that many look at changes: in a draft, published at once, with its
earlier versions; and what becomes of deleted ones.
"""

from collections import Counter
from datetime import timedelta

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import RELOAD, show_notification
from odoo.addons.kpi_base.schemas.base import Id, Nothing
from odoo.addons.kpi_tracking.models.live.kpi_report import CHANNEL

from .kpi_dashboard import ARRANGED

FOLLOWED = ("owner_id", "company_id")  # who may arrange a dashboard arranges its draft
OF_DRAFTS = {"tile_ids"}  # all else belongs to what is published
UNUSED = timedelta(days=1)
VERSIONS = 100  # of a dashboard; older ones are forgotten
KEPT = timedelta(days=30)


class KpiDashboard(models.Model):
    """What others look at is arranged in a draft, which they do not see.

    A draft is a second dashboard, archived from its first day on: whatever leaves out
    archived dashboards leaves it out.
    """

    _name = "kpi.dashboard"
    _inherit = ["kpi.dashboard", "kpi.readonly.mixin"]
    _rec_names_search = ["name", "draft_of_id.name"]

    draft_of_id = fields.Many2one(
        "kpi.dashboard", readonly=True, copy=False, ondelete="cascade"
    )
    base_state = fields.Json(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
    )
    base_revision = fields.Integer(
        readonly=True,
        copy=False,
        exportable=False,
    )
    is_private = fields.Boolean(
        compute="_compute_is_private",
        help="Visible to its owner and KPI officers only.",
    )
    version_ids = fields.One2many("kpi.dashboard.version", "dashboard_id", "Versions")
    deleted_on = fields.Datetime("Deleted", readonly=True, copy=False)
    deleted_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="set null"
    )

    _one_draft = models.UniqueIndex("(draft_of_id) WHERE draft_of_id IS NOT NULL")
    _draft_archived = models.Constraint(
        "CHECK (draft_of_id IS NULL OR active IS NOT TRUE)",
        "A draft cannot be used as a dashboard. Publish it first.",
    )

    @api.depends_context("lang")
    @api.depends("name", "draft_of_id.name")
    def _compute_display_name(self):
        drafts = self.filtered("draft_of_id")
        for draft in drafts:
            draft.display_name = self.env._("%s (draft)", draft.draft_of_id.name)
        return super(KpiDashboard, self - drafts)._compute_display_name()

    def _compute_is_private(self):
        for model in ("kpi.dashboard", "kpi.dashboard.share", "kpi.dashboard.schedule"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM kpi_dashboard WHERE id = ANY(%s) AND NOT %s",
                self.ids,
                self._is_seen_sql(),
            )
        )
        private = {False, *(id_ for (id_,) in rows)}  # also those that are new
        for dashboard in self:
            dashboard.is_private = dashboard._origin.id in private

    @api.model
    def _is_seen_sql(self):
        """Whether others look at a dashboard: it is shared, mailed or has a link."""
        return SQL(
            """
            kpi_dashboard.id IN (
                SELECT kpi_dashboard_id FROM kpi_dashboard_res_groups_rel
                 UNION ALL
                SELECT kpi_dashboard_id FROM hr_department_kpi_dashboard_rel
                 UNION ALL
                SELECT kpi_dashboard_id FROM kpi_dashboard_user_rel
                 UNION ALL
                SELECT dashboard_id FROM kpi_dashboard_share WHERE revoked_at IS NULL
                 UNION ALL
                SELECT dashboard_id FROM kpi_dashboard_schedule WHERE active)
            """
        )

    def _get_draft_refusal(self):
        """What to say to who may not see a draft, but its dashboard; else empty."""
        # Of which dashboard it is a draft is told only to who sees that.
        published = self.sudo().exists().draft_of_id.sudo(False)
        if not published or not published.has_access("read"):
            return ""
        return self.env._(
            "This is a draft of “%s”. Only its owner and KPI officers can see it.",
            published[:1].name,
        )

    def _check_draft_values(self, vals):
        """Refuse what a draft is not given: it has the settings of its dashboard."""
        drafts = self.filtered("draft_of_id")
        if drafts and vals.get("active"):
            raise ValidationError(
                self.env._("A draft cannot be used as a dashboard. Publish it first.")
            )
        if drafts and not self.env.su and not OF_DRAFTS.issuperset(vals):
            raise UserError(
                self.env._("Drafts use their dashboard's settings. Change them there.")
            )

    def _hand_drafts_over(self, vals):
        """Give the drafts of these dashboards the owner and company that these got."""
        followed = {name: vals[name] for name in FOLLOWED if name in vals}
        # Whoever hands a dashboard over hands its draft over.
        if followed and (drafts := self.sudo()._find_drafts()):
            unchanged = drafts.filtered(lambda draft: draft._is_unchanged())
            drafts.write(followed)
            for draft in unchanged:
                draft.base_revision = draft.revision

    def _find_drafts(self):
        everything = self.with_context(active_test=False)
        return everything.search([("draft_of_id", "in", self.ids)])

    def _check_is_no_draft(self):
        if self.draft_of_id:
            raise UserError(
                self.env._("Drafts cannot be shared. Publish the draft first.")
            )

    def _get_arranged(self):
        """Where to arrange this dashboard: its draft, if others look at it."""
        if not self or self.draft_of_id or self.is_private:
            return self
        return self.browse(self.start_draft())

    def start_draft(self):
        """Id of the draft of a dashboard, which is begun where there is none.

        An unchanged one begins anew where something else is published by now.

        :raises AccessError: the user may not arrange the dashboard
        :raises UserError: it was deleted
        """
        self.ensure_one()
        self.check_access("write")
        if self.draft_of_id:
            return self.id
        if self.deleted_on:
            raise UserError(self.env._("%s was deleted. Restore it first.", self.name))
        self._lock()
        # Exact for whoever begins it, also links to KPIs that they do not see.
        whole = self.sudo().with_context(active_test=False)
        draft = whole._find_drafts()
        is_unchanged = draft and draft._is_unchanged()
        # Somebody may be arranging it just now: it stays where it can.
        if is_unchanged and changes_between(draft.base_state, whole._get_state()):
            draft.unlink()
            draft = draft.browse()
        return (draft or whole._begin_draft()).id

    def _lock(self):
        """Wait for who is arranging, then make others who waited begin again.

        Only an update does: a second transaction that waits for it is told to retry,
        and sees what the first one has made.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE kpi_dashboard SET revision = revision WHERE id = %s", self.id)
        )

    def _begin_draft(self):
        draft = self.create(
            {
                "name": self.name,
                "active": False,
                "draft_of_id": self.id,
                "base_state": self._get_state(),
                **{name: self[name].id for name in FOLLOWED},
            }
        )
        tiles = self.tile_ids.sorted()
        copies = tiles.copy({"dashboard_id": draft.id})
        for tile, twin in zip(tiles, copies, strict=True):
            twin.published_tile_id = tile
        draft.base_revision = draft.revision
        return draft

    def _is_unchanged(self):
        return self.revision == self.base_revision

    def leave_draft(self):
        """Say where to go on: a draft in which nothing was changed is not kept.

        It is not removed at once, as somebody else may be arranging it.

        :return: id of the published dashboard, or of the draft
        """
        self._check_draft()
        return self.draft_of_id.id if self._is_unchanged() else self.id

    @api.autovacuum
    def _gc_unused_drafts(self):
        everything = self.with_context(active_test=False)
        old = everything.search(
            [
                ("draft_of_id", "!=", False),
                ("write_date", "<", fields.Datetime.now() - UNUSED),
            ]
        )
        old.filtered(lambda draft: draft._is_unchanged()).unlink()

    def discard_draft(self):
        """Forget a draft; what is published stays.

        :return: id of the published dashboard
        """
        self._check_draft()
        published = self.draft_of_id
        self._end_draft()
        return published.id

    def _end_draft(self):
        """Remove the draft; whoever has it open is led to the published dashboard."""
        body = {"dashboard_id": self.id, "published_id": self.draft_of_id.id}
        self.env["bus.bus"]._sendone((self, CHANNEL), ARRANGED, body)
        # Who may arrange it has been asked; its tiles may show what they do not see.
        self.sudo().unlink()

    def _check_draft(self):
        """Refuse what is no draft, or not one of the user's, or gone meanwhile."""
        self.ensure_one()
        if not self.exists():
            raise UserError(
                self.env._("This draft was already published or discarded.")
            )
        self.check_access("write")
        if not self.draft_of_id:
            raise UserError(self.env._("%s is not a draft.", self.name))

    def publish(self, over: int | Nothing = None):
        """Let everybody see this draft: its tiles become those of the dashboard.

        Tiles that were there keep their ids. What others changed of the dashboard
        since the draft was begun is replaced only by who knows of it.

        :param over: the dashboard's revision that the user wants to replace
        :return: dict of ``dashboard_id``; where nothing is published, a ``question``
            and the ``revision`` to publish over
        :raises UserError: the draft is gone
        """
        self._check_draft()
        published = self.draft_of_id
        published.check_access("write")
        published._lock()
        before = published._get_state()
        # Kept by the house, see ``_begin_draft``.
        meanwhile = changes_between(self.sudo().base_state, before)
        if meanwhile and over != published.revision:
            return {
                "dashboard_id": published.id,
                "question": published._ask_over(meanwhile),
                "revision": published.revision,
            }
        published._keep_current(before)
        # Tiles are taken over whole, also where they show what the user does not see.
        published.sudo().with_context(active_test=False)._take_over(self.sudo())
        after = published._get_state()
        changes = changes_between(before, after)
        if changes:
            self.env["kpi.dashboard.version"]._keep(
                published, after, changes, self.env.user, fields.Datetime.now()
            )
        self._end_draft()
        return {"dashboard_id": published.id}

    def _ask_over(self, changes):
        """Whether to replace what somebody else has changed, naming it."""
        titles = ", ".join(self.env._("“%s”", change["title"]) for change in changes)
        return self.env._(
            "%(user)s changed %(dashboard)s on %(moment)s, after this draft was "
            "created: %(tiles)s. Publishing replaces these changes; they stay "
            "under Versions.",
            dashboard=self.name,
            tiles=titles,
            **self._describe_last_change(),
        )

    def _keep_current(self, state):
        """Keep what is published now, unless the latest version has it."""
        versions = self.env["kpi.dashboard.version"]
        # Who may arrange the dashboard has been asked.
        latest = versions.sudo().search([("dashboard_id", "=", self.id)], limit=1)
        changes = changes_between(latest._as_state(), state) if latest else []
        if changes or not latest:
            self.invalidate_recordset(["write_uid", "write_date"])
            # Who arranges a dashboard is told who else does.
            user = self.sudo().write_uid
            versions._keep(self, state, changes, user, self.write_date)

    def _take_over(self, draft):
        """The tiles of a draft in the place of the own ones."""
        tiles = draft.with_context(active_test=False).tile_ids.sorted()
        kept = tiles.published_tile_id & self.tile_ids
        (self.tile_ids - kept).unlink()
        for tile in tiles:
            target = tile.published_tile_id & kept
            if not target:
                tile.write({"dashboard_id": self.id})
                continue
            (values,) = tile.copy_data()
            del values["dashboard_id"]
            texts = self._read_texts(tile)
            for name in texts:
                values.pop(name, None)
            target.write(values)
            self._write_texts(target, texts)
        self.tile_ids.invalidate_recordset(["display_name"])

    @api.readonly
    def list_versions(self):
        """What was published of a dashboard, the latest first.

        :return: list of dicts of ``id``, ``user`` (name), ``moment`` (UTC), ``is_now``
            and ``changes``: of each ``kind``, ``title``, ``tile_id``, and whether the
            tile ``can_return``
        :raises AccessError: the user may not arrange the dashboard
        """
        self.ensure_one()
        self.check_access("write")
        published = self.draft_of_id or self
        # Which tiles there are is no secret to who arranges them.
        tiles = self.sudo().tile_ids
        here = {*tiles.ids, *tiles.published_tile_id.ids}
        versions = published.version_ids
        now = versions[:1] and not changes_between(
            versions[:1]._as_state(), published._get_state()
        )
        return [
            {
                "id": version.id,
                # Who arranges a dashboard is told who else does.
                "user": version.sudo().user_id.name or "",
                "moment": version.published_on.isoformat() + "Z",
                "is_now": bool(now) and version == versions[:1],
                "changes": [
                    {
                        **change,
                        "can_return": change["kind"] == "removed"
                        and change["tile_id"] not in here,
                    }
                    for change in version.changes or []
                ],
            }
            for version in versions
        ]

    @api.autovacuum
    def _gc_versions(self):
        rows = self.env["kpi.dashboard.version"]._read_group(
            [], ["dashboard_id"], ["id:recordset"], [("__count", ">", VERSIONS)]
        )
        for _dashboard, versions in rows:
            # Only the house removes what it keeps.
            versions.sorted("id")[:-VERSIONS].sudo().unlink()

    def action_delete(self):
        """Put dashboards into the bin, out of everybody's sight."""
        self.check_access("unlink")
        for draft in self.filtered("draft_of_id"):
            draft._check_is_no_draft()
        # Who may delete them has been asked; entries of the menu go with them.
        self.sudo().write(
            {
                "active": False,
                "deleted_on": fields.Datetime.now(),
                "deleted_by_id": self.env.uid,
            }
        )
        many = self.env._("%s dashboards were deleted.", len(self))
        one = self.env._("“%s” was deleted.", self[:1].name)
        wait = self.env._("To restore, use the “Deleted” filter within 30 days.")
        message = f"{one if len(self) == 1 else many} {wait}"
        return show_notification(message, type="info", next=RELOAD)

    def action_put_back(self):
        """Take dashboards out of the bin."""
        self.check_access("write")
        # As they were: what made them entries of the menu was allowed before.
        self.sudo().write({"active": True})
        message = self.env._("Restored: %s", ", ".join(self.mapped("name")))
        return show_notification(message, type="info", next=RELOAD)

    def action_delete_for_good(self):
        """Delete what is in the bin.

        :raises UserError: something of it is not there
        """
        for dashboard in self:
            if not dashboard.deleted_on:
                raise UserError(
                    self.env._("“%s” is not deleted yet.", dashboard.display_name)
                )
        self.unlink()

    @api.autovacuum
    def _gc_deleted(self):
        oldest = fields.Datetime.now() - KEPT
        everything = self.with_context(active_test=False)
        everything.search([("deleted_on", "<", oldest)]).unlink()

    def _get_state(self):
        """The state as it is now, whoever asks and in whichever language."""
        self.ensure_one()
        # Whole, with KPIs that are archived or that the user does not see: what is
        # kept is given back to who arranges the dashboard.
        whole = self.sudo().with_context(active_test=False, lang=None)
        tiles = whole.tile_ids.sorted()
        return {
            "entry": self.env["kpi.pack.dashboards"]
            .with_env(whole.env)
            ._entry_of(whole),
            "tile_ids": tiles.ids,
            "titles": whole._list_distinct_titles(tiles),
            "texts": [self._read_texts(tile) for tile in tiles],
        }

    def _list_distinct_titles(self, tiles):
        """A title of each tile that no other one has: with its kind, and a number."""
        titles = [tile._get_title() for tile in tiles]
        kinds = dict(tiles._fields["kind"]._description_selection(tiles.env))
        count_of = Counter(titles)
        named = [
            f"{title} ({kinds[tile.kind]})" if count_of[title] > 1 else title
            for title, tile in zip(titles, tiles, strict=True)
        ]
        seen, distinct = Counter(), []
        for title in named:
            seen[title] += 1
            distinct.append(title if seen[title] == 1 else f"{title} {seen[title]}")
        return distinct

    @api.model
    def _read_texts(self, tile):
        """Translated fields of a tile as they are stored, in all languages."""
        return {
            field.name: field._get_stored_translations(tile)
            for field in tile._fields.values()
            if field.store and field.translate
        }

    @api.model
    def _write_texts(self, tile, texts):
        """Put back what ``_read_texts`` has read."""
        tile.flush_recordset()
        for name in texts.keys() & tile._fields.keys():
            self.env.cr.execute(
                SQL(
                    "UPDATE kpi_dashboard_tile SET %s = %s WHERE id = %s",
                    SQL.identifier(name),
                    Json(texts[name]) if texts[name] else None,
                    tile.id,
                )
            )
        tile.invalidate_recordset()


class KpiDashboardVersion(models.Model):
    """A dashboard as it was published: its tiles as a pack has them, who and when."""

    _name = "kpi.dashboard.version"
    _description = "Dashboard Version"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id desc"
    _rec_name = "published_on"

    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", "Published By", readonly=True, ondelete="set null"
    )
    published_on = fields.Datetime("Published", required=True, readonly=True)
    entry = fields.Json("Pack Entry", readonly=True, exportable=False)
    tile_ids = fields.Json(readonly=True, exportable=False)
    titles = fields.Json(readonly=True, exportable=False)
    texts = fields.Json(
        readonly=True,
        exportable=False,
    )
    changes = fields.Json(
        readonly=True,
        help="Changes since the previous version.",
        exportable=False,
    )

    @api.model
    def _keep(self, dashboard, state, changes, user, moment):
        """Keep a state of a dashboard as its latest version."""
        # Versions are kept by the house; who may arrange the dashboard publishes.
        return self.sudo().create(
            {
                "dashboard_id": dashboard.id,
                "user_id": user.id,
                "published_on": moment,
                "changes": changes,
                **state,
            }
        )

    def _as_state(self):
        lists = ("tile_ids", "titles", "texts")  # an empty one is read as False
        return {"entry": self.entry, **{name: self[name] or [] for name in lists}}

    def restore(self, over: int | Nothing = None):
        """Fill the draft with this version; nothing is published by it.

        :param over: the revision of the draft that the user wants to replace
        :return: dict of ``dashboard_id``, of the draft, and ``notes``: sentences on
            what cannot be had anymore; where somebody has changed the draft and
            nothing is done, a ``question`` and the ``revision`` to replace
        """
        self.ensure_one()
        draft = self._begin_draft()
        if not draft._is_unchanged() and over != draft.revision:
            return {
                "dashboard_id": draft.id,
                "notes": [],
                "question": self.env._(
                    "%(user)s changed the draft on %(moment)s. Its content will be "
                    "lost.",
                    **draft._describe_last_change(),
                ),
                "revision": draft.revision,
            }
        draft.tile_ids.unlink()
        return self._bring_back_into(draft, self.tile_ids or [])

    def bring_back(self, tile_id: Id):
        """Put one tile of this version back, at the end of the draft.

        :return: as of ``restore``
        """
        self.ensure_one()
        if tile_id not in (self.tile_ids or []):
            raise UserError(self.env._("This version does not contain this tile."))
        draft = self._begin_draft()
        return self._bring_back_into(draft, [tile_id])

    def _begin_draft(self):
        self.check_access("read")
        dashboard = self.dashboard_id
        draft = dashboard.browse(dashboard.start_draft())
        # Whole, also with KPIs that the user does not see.
        return draft.sudo().with_context(active_test=False)

    def _bring_back_into(self, draft, tile_ids):
        """Tiles of this version in a draft, each again what it was."""
        dashboard = draft.draft_of_id
        section = self.env["kpi.pack.dashboards"].with_env(draft.env)
        company = dashboard.company_id or self.env.companies
        last = max(draft.tile_ids.mapped("sequence"), default=0)
        published = set(dashboard.tile_ids.ids) - set(
            draft.tile_ids.published_tile_id.ids
        )
        vals_list, texts, notes = [], [], []
        for at, id_ in enumerate(self.tile_ids or []):
            if id_ not in tile_ids:
                continue
            place = at + 1
            values, lost = section._tile_values(self.entry["tiles"][at], place, company)
            notes += lost
            if values:
                values["sequence"] = last + place
                values["published_tile_id"] = id_ if id_ in published else False
                vals_list.append(values)
                texts.append(self.texts[at])
        draft.write({"tile_ids": [Command.create(values) for values in vals_list]})
        created = draft.tile_ids.sorted("id")[len(draft.tile_ids) - len(vals_list) :]
        for tile, known in zip(created, texts, strict=True):
            draft._write_texts(tile, known)
        return {"dashboard_id": draft.id, "notes": notes}


class IrRule(models.Model):
    """Who may not open a draft is told that it is one."""

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        if records._name == "kpi.dashboard":
            # Of rules Odoo asks as superuser; who is refused is told what they see.
            refusal = records.with_user(self.env.user)._get_draft_refusal()
            if refusal:
                records.invalidate_recordset()  # what was read as superuser
                return AccessError(refusal)
        return super()._make_access_error(operation, records)


def changes_between(before, after):
    """What became of the tiles from one state to another.

    :return: list of dicts of ``kind`` (``added``, ``removed``, ``changed`` or
        ``moved``), ``tile_id`` and ``title``
    """
    old, new = _tiles_of(before), _tiles_of(after)
    kinds = {
        **{id_: "removed" for id_ in old if id_ not in new},
        **{id_: "added" for id_ in new if id_ not in old},
        **{id_: "changed" for id_ in new if id_ in old and new[id_][0] != old[id_][0]},
    }
    for id_ in _find_moved([*old], [*new]):
        kinds.setdefault(id_, "moved")
    return [
        {"kind": kind, "tile_id": id_, "title": (new.get(id_) or old[id_])[1]}
        for id_, kind in kinds.items()
    ]


def _tiles_of(state):
    """What each tile shows, and its title, by its id."""
    rows = zip(
        state["tile_ids"],
        state["entry"]["tiles"],
        state["texts"],
        state["titles"],
        strict=True,
    )
    return {id_: ((entry, texts), title) for id_, entry, texts, title in rows}


def _find_moved(before, after):
    """The fewest ids to move, for those of both to be in the order of ``after``."""
    place_of = {id_: place for place, id_ in enumerate(before)}
    known = [id_ for id_ in after if id_ in place_of]
    runs = []  # of each id the longest row that still is in order and ends with it
    for id_ in known:
        earlier = [run for run in runs if place_of[run[-1]] < place_of[id_]]
        runs.append([*max(earlier, key=len, default=[]), id_])
    return set(known).difference(max(runs, key=len, default=[]))
