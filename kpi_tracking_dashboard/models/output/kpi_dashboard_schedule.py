import hashlib
import json
from dataclasses import dataclass, field, replace
from mimetypes import guess_extension

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.formatting import compact, number
from odoo.addons.kpi_tracking.engine.period_report import share_of
from odoo.addons.kpi_tracking.engine.status import STATUS_TONES
from odoo.addons.kpi_tracking.engine.status_chip import STATUS_LOOKS, TONE_LOOKS
from odoo.addons.kpi_tracking.models.period_report.kpi_mail_schedule import Worst
from odoo.addons.kpi_tracking.models.report.kpi_report import JUDGED

from ...engine.output.shown import Cell, ShownTile, Table
from .kpi_dashboard_records import printer

MOST_TILES = 10  # without headings: a mail is read on the way; others stay there
MOST_LINES = 6  # of a table
MOST_LEFT = 20  # tiles that are named with their status only
MOST_COLUMNS = 4  # of a table that fits a phone
TREND_KINDS = {
    "line",
    "bar",
    "area",
    "stacked",
    "heatmap",
    "table",
}  # end with the latest
WORST_FIRST = ("off_target", "at_risk", "on_target")


class KpiDashboardSchedule(models.Model):
    """When a dashboard is mailed, and to whom."""

    _name = "kpi.dashboard.schedule"
    _description = "Dashboard Email Schedule"
    _inherit = ["kpi.mail.schedule"]
    _order = "dashboard_id, id"
    _rec_names_search = ["dashboard_id"]
    _mailed_field = "dashboard_id"
    _mail_key = "dashboard"

    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, ondelete="cascade", index=True
    )
    # Uninstalling drops the tables of relations that the addon itself declares.
    user_ids = fields.Many2many()
    frequency = fields.Selection(default="week")
    has_pdf = fields.Boolean(default=lambda self: bool(printer()))
    is_only_news = fields.Boolean(
        "Skip if Nothing Changed",
        default=True,
        help="Skips recipients whose values have not changed since the last email.",
    )
    told_on = fields.Datetime("Last Email", readonly=True, copy=False)
    # when the first of those was that are being written
    begun_on = fields.Datetime(readonly=True, copy=False, exportable=False)

    @api.constrains("has_pdf")
    def _check_printer(self):
        if any(schedule.has_pdf for schedule in self) and not printer():
            raise ValidationError(
                self.env._(
                    "PDF files need the Python package WeasyPrint. Turn off “With "
                    "PDF” or ask your administrator."
                )
            )

    @api.constrains("user_ids", "dashboard_id")
    def _check_readers(self):
        for schedule in self:
            schedule._check_may_open(schedule.user_ids)

    def _check_may_open(self, users):
        self.dashboard_id._check_is_no_draft()
        blind = users.filtered(lambda user: not self._dashboard_of(user))
        if blind:
            raise ValidationError(
                self.env._(
                    "%(people)s cannot open this dashboard. Share it with them first.",
                    people=", ".join(blind.mapped("name")),
                )
            )

    @api.model
    def _send_once(self, dashboard, users, **files):
        """Mail a dashboard now, to people whom a schedule may mail it, too.

        :param files: ``has_pdf`` and ``has_xlsx``
        :return: the new deliveries; none for who sees no KPI
        """
        dashboard.check_access("read")
        once = self.new({"dashboard_id": dashboard.id, **files})
        once._check_may_add(users)
        # Whether receivers may open it depends on all their companies.
        receivers = users.sudo()
        once._check_are_employees(receivers)
        once._check_may_open(receivers)
        # The outbox and its files are the engine's; KPIs are read as each receiver.
        return once.sudo()._queue_now(receivers)

    def _dashboard_of(self, user):
        """The dashboard with the rights and the language of a receiver.

        Nobody is mailed one that was deleted.
        """
        shown = self.dashboard_id.filtered(lambda each: not each.deleted_on)
        # Asked as the receiver, in all their companies.
        own = shown.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
        )
        return own._filtered_access("read")

    def _queue_mails(self, leaves, key, mails=None):
        queued = super()._queue_mails(leaves, key, mails)
        if not self.begun_on:
            # What this transaction does not see yet is told by the next mail.
            self.env.cr.execute("SELECT now() AT TIME ZONE 'UTC'")
            (self.begun_on,) = self.env.cr.fetchone()
        if not self.reached_user:
            self.write({"told_on": self.begun_on, "begun_on": False})
        return queued

    def _group_by_visibility(self, users):
        found = {}
        for user in users:
            own = user.active and self._dashboard_of(user)
            if not own:
                continue
            answer = own.with_context(kpi_mailed_on=self.told_on or None).data({})
            has_others = any(one.get("table") for one in answer["tiles"])  # of addons
            if not (report_ids := _report_ids(answer)) and not has_others:
                continue
            tiles = own._drawings(answer)
            content = json.dumps([tile.visible_content() for tile in tiles])
            visible = VisibleDashboard(
                tuple(sorted(report_ids)),
                hashlib.sha256(content.encode()).hexdigest(),
                tuple(f"{row['name']}: {row['text']}" for row in answer["restated"]),
                answer,
                tiles,
            )
            found.setdefault((visible, user.lang), []).append(user)
        return found

    def _news(self, groups):
        """Without those who know these numbers from the mail before."""
        if not self.is_only_news:
            return groups
        mails = self.env["kpi.delivery"].search_fetch(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("state", "in", ("waiting", "sent")),
                ("user_id", "in", [user.id for own in groups.values() for user in own]),
            ],
            ["user_id", "fingerprint"],
            order="id",
        )
        known = {mail.user_id: mail.fingerprint for mail in mails}
        fresh = {}
        for (visible, lang), users in groups.items():
            for user in users:
                if visible.restated or known.get(user) != visible.fingerprint:
                    fresh.setdefault((visible, lang), []).append(user)
        return fresh

    def _mail(self, seen, user):
        dashboard = self._dashboard_of(user)
        shown = [tile for tile in seen.tiles if not tile.is_heading]
        mailed = [tile for tile in shown if tile.kind != "view"]
        worst = _find_worst(seen.answer, [tile.id for tile in mailed])
        if worst and worst.kpi["status"] != "on_target":  # of the subject: comes first
            mailed.sort(key=lambda tile: tile.id != worst.tile_id)
        tiles = mailed[:MOST_TILES]
        files, pictures = [], {}
        for tile in tiles:
            # A single number with its status says all that its gauge does.
            painted = not tile.headline and dashboard._tile_png(tile)
            if painted:
                content, width = painted
                name = f"tile-{tile.id}.png"
                files.append((name, content))
                pictures[tile.id] = {"name": name, "width": width}

        def attach_image(image):
            """Address of a company's own image in a mail that brings it along."""
            name = f"image-{image.id}{guess_extension(image.mimetype) or ''}"
            if (name, image.raw) not in files:
                files.append((name, image.raw))
            return f"cid:{name}"

        title = seen.answer["dashboard"]["name"]
        more_restated = len(seen.restated) - MOST_LINES
        body = dashboard.env["ir.qweb"]._render(
            "kpi_tracking_dashboard.kpi_dashboard_mail",
            {
                "title": title,
                "subtitle": dashboard._subtitle(seen.answer),
                "direction": "rtl" if dashboard._is_rtl() else "ltr",
                "tiles": [
                    _prepare_mail_tile(
                        tile,
                        pictures.get(tile.id),
                        dashboard._embed_images(tile.html, attach_image),
                        worst.row if worst and worst.tile_id == tile.id else 0,
                    )
                    for tile in tiles
                ],
                **self._describe_left(dashboard, shown, tiles),
                "left_out": seen.answer["left_out"]["message"],
                "restated": seen.restated[:MOST_LINES],
                "more_restated": dashboard.env._("%s more", more_restated)
                if more_restated > 0
                else "",
                "looks": TONE_LOOKS,
                "rated": {status: STATUS_LOOKS[status] for status in STATUS_TONES},
                "url": self._url(f"kpi-dashboard/{dashboard.id}"),
                "leave_url": self.id and self._url(f"kpi-dashboard-mails/{self.id}"),
            },
        )
        wanted = {"pdf": self.has_pdf and printer(), "xlsx": self.has_xlsx}
        files += [
            dashboard._file(name, seen.answer, seen.tiles)
            for name, is_wanted in wanted.items()
            if is_wanted
        ]
        return {
            "subject": self._subject(dashboard, title, seen.answer, worst),
            "body": body,
            "report_ids": seen.report_ids,
            "fingerprint": seen.fingerprint,
            "attachment_ids": self._attachments(files).ids,
        }

    @staticmethod
    def _describe_left(dashboard, tiles, included):
        """The tiles that the mail leaves to the dashboard, with their statuses.

        :return: dict of ``more`` (how many, in words) and ``left`` (those named)
        """
        left = [tile for tile in tiles if tile not in included]
        more = left and dashboard.env._("and %s more tiles", len(left))
        if len(left) == 1:
            more = dashboard.env._("and 1 more tile")
        return {"more": more, "left": left[:MOST_LEFT]}

    def _subject(self, dashboard, title, answer, worst):
        """The KPI of the mail furthest from its target; without targets the first.

        :param worst: ``Shown`` of that KPI, or None
        """
        own, reader = self.with_env(dashboard.env), dashboard._reader()
        count = len({kpi["report_id"] for kpi in _kpis(answer) if _is_judged(kpi)})
        if not worst or worst.kpi["status"] == "on_target":
            return own._subject_of(title, count, None)
        kpi = worst.kpi
        value = compact(reader.table, kpi["value"], reader.unit(kpi["unit"]))
        if not _is_judged(kpi):
            return dashboard.env._(
                "%(dashboard)s: %(kpi)s %(value)s",
                dashboard=title,
                kpi=worst.name,
                value=value,
            )
        off = 0.0
        if kpi["target"] is not None and kpi["direction"] != "range":
            off = share_of(kpi["value"] - kpi["target"], kpi["target"]) or 0.0
        percent = number(reader.table, abs(off), 0) if abs(off) >= 1 else ""
        is_to_date = kpi["is_running"] and kpi["aggregation_time"] == "sum"
        told = Worst(worst.name, value, percent, off < 0, is_to_date)
        return own._subject_of(title, count, told)


@dataclass(frozen=True)
class Shown:
    """A KPI in a tile.

    :param name: as the tile calls it
    :param kpi: its numbers
    :param row: its place in a ranking
    """

    tile_id: int
    name: str
    kpi: dict
    row: int = 0


@dataclass(frozen=True)
class VisibleDashboard:
    """What somebody sees of a dashboard; equal where the same KPIs say the same.

    :param restated: sentences on values that changed since they looked last
    :param answer: as ``kpi.dashboard.data`` gives it to them
    :param tiles: as ``kpi.dashboard._drawings`` does
    """

    report_ids: tuple[int, ...]
    fingerprint: str
    restated: tuple[str, ...]
    answer: dict = field(compare=False)
    tiles: list[ShownTile] = field(compare=False)


def _prepare_mail_tile(tile, picture, text, told_row):
    """A tile as its template takes it.

    :param text: HTML that somebody wrote
    :param told_row: of its table, that the subject tells of
    """
    headline = tile.headline
    compared = (*headline.lines, headline.period) if headline else ()
    table = None if picture else _short_table(tile, told_row)
    is_cut = table and len(table.rows) < len(tile.table.rows)
    # What a card says beside its rows is how many there are beyond all of them.
    message = "" if is_cut and tile.kind == "card" else tile.message
    texts = "…" if is_cut else "", message, tile.footer, *tile.notes
    return {
        "tile": tile,
        "picture": picture,
        "table": table,
        # Sanitised where it is stored, and again in the outbox.
        "html": Markup(text),
        "compared": " · ".join(filter(None, compared)),
        "texts": list(filter(None, texts)),
    }


def _short_table(tile, told_row=0):
    """As much of the table as is read on a phone, with the row that the subject tells
    of; of many columns the last row.
    """
    table = tile.table
    if not (table and table.rows):
        return table
    if len(table.heads) > MOST_COLUMNS:
        name, *cells = table.rows[-1 - table.coming]
        rows = zip(map(Cell, table.heads[1:]), cells, strict=True)
        return Table(("", name.text), tuple(rows)[:MOST_LINES], (1,))
    lines = slice(-MOST_LINES, None) if tile.kind in TREND_KINDS else slice(MOST_LINES)
    rows = table.rows[lines]
    if told_row >= MOST_LINES:
        rows = (*rows[:-1], table.rows[told_row])
    return replace(table, rows=rows)


def _list_shown(answer, tile_ids):
    """``Shown`` of all KPIs with a value that tiles of a mail tell of, in their order.

    A tile that shows one KPI says by its title which one and whose; in a ranking the
    row says it.
    """
    for tile in answer["tiles"]:
        if tile["id"] not in tile_ids:
            continue
        kpi = tile.get("kpi")
        if kpi and kpi["has_value"]:
            is_only = len(tile["report_ids"]) == 1
            whose = f"{kpi['name']} – {kpi['scope']}" if kpi["scope"] else kpi["name"]
            yield Shown(tile["id"], tile["title"] if is_only else whose, kpi)
        for at, row in enumerate(tile.get("card", {}).get("rows") or ()):
            whose = row.get("label") or row.get("scope")
            name = f"{row['name']} – {whose}" if whose else row["name"]
            if row["has_value"]:
                yield Shown(tile["id"], name, row, at)


def _find_worst(answer, tile_ids):
    """``Shown`` of the KPI that a mail's subject tells of; None = it shows none."""
    shown = [*_list_shown(answer, tile_ids)]
    judged = [one for one in shown if _is_judged(one.kpi)]
    first = next(iter(shown), None)
    return min(judged, key=lambda one: _distance(one.kpi), default=first)


def _kpis(answer):
    """All single KPIs that tiles show."""
    for tile in answer["tiles"]:
        if tile.get("kpi"):
            yield tile["kpi"]
        yield from tile.get("card", {}).get("rows") or ()


def _is_judged(kpi):
    return kpi["has_value"] and kpi["status"] in JUDGED


def _report_ids(answer):
    """KPIs that the mail tells of, so that its receiver must see them."""
    tiles = answer["tiles"]
    items = (each for tile in tiles for each in tile.get("card", {}).get("items") or ())
    found = {report_id for item in items for report_id in item["report_ids"]}
    return found.union(*(tile["report_ids"] for tile in tiles)) - {None, False}


def _distance(kpi):
    """Sorts by status, then by achievement: worst first."""
    return WORST_FIRST.index(kpi["status"]), kpi["achievement"] or 0.0
