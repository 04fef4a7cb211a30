import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from mimetypes import guess_extension

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.formatting import compact, number
from odoo.addons.kpi_base.formatting import format_clock, weekday_name
from odoo.addons.kpi_tracking.engine.period_report import share_of
from odoo.addons.kpi_tracking.engine.status import STATUS_TONES
from odoo.addons.kpi_tracking.engine.status_chip import STATUS_LOOKS, TONE_LOOKS
from odoo.addons.kpi_tracking.models.period_report.kpi_mail_schedule import Worst

from ...engine.output.reading import build_lead_chart, headline
from ...engine.output.shown import Cell, ShownTile, Table
from ...engine.output.summary import (
    WORST_FIRST,
    count_statuses,
    is_judged,
    list_kpis,
    say_statuses,
)
from .kpi_dashboard_records import printer

MOST_KPIS = 10  # a mail is read on the way; others stay on the dashboard
MOST_TILES = 10  # texts and tables
MOST_LINES = 6  # of a table
MOST_LEFT = 20  # tiles that are only named
LEAD_ID = 0  # of the chart of the KPI that comes first; tiles have others
MOST_COLUMNS = 4  # of a table that fits a phone
TREND_KINDS = {
    "line",
    "bar",
    "area",
    "stacked",
    "heatmap",
    "table",
}  # end with the latest


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
        own, reader = self.with_env(dashboard.env), dashboard._reader()
        shown = [tile for tile in seen.tiles if not tile.is_heading]
        kpis = _list_shown(seen.answer)
        worst = _find_worst(kpis)
        rows = _rank_others(kpis, worst)
        lead = worst and own._prepare_lead(worst, reader)
        told = {one.tile_id for one in kpis}
        others = [tile for tile in shown if tile.id not in told]
        lead_charts = [lead["chart"]] if lead and lead["chart"] else []
        files, pictures = self._paint_tiles(dashboard, lead_charts)
        tiles = _choose_tiles(others, has_chart=bool(pictures))
        further_files, further = self._paint_tiles(dashboard, tiles)
        files, pictures = [*files, *further_files], {**pictures, **further}

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
                "lead": lead,
                "picture": lead and pictures.get(LEAD_ID),
                "rows": [_prepare_row(one, reader) for one in rows[: MOST_KPIS - 1]],
                "more_kpis": own._count_rest(rows[MOST_KPIS - 1 :]),
                "tiles": [
                    _prepare_mail_tile(
                        tile,
                        pictures.get(tile.id),
                        dashboard._embed_images(tile.html, attach_image),
                    )
                    for tile in tiles
                ],
                **self._describe_left(dashboard, others, tiles),
                "left_out": seen.answer["left_out"]["message"],
                "restated": seen.restated[:MOST_LINES],
                "more_restated": dashboard.env._("%s more", more_restated)
                if more_restated > 0
                else "",
                "rated": {status: STATUS_LOOKS[status] for status in STATUS_TONES},
                "url": self._url(f"kpi-dashboard/{dashboard.id}"),
                "leave_url": self.id and self._url(f"kpi-dashboard-mails/{self.id}"),
                "rhythm": self.id
                and self.with_context(lang=dashboard.env.lang)._describe_rhythm(),
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
    def _paint_tiles(dashboard, tiles):
        """Pictures of charts that are attached to a mail.

        :return: list of files, and dict tile id → ``name`` and ``width``
        """
        files, pictures = [], {}
        for tile in tiles:
            painted = tile.payload and dashboard._tile_png(tile)
            if painted:
                content, width = painted
                name = f"tile-{tile.id}.png"
                files.append((name, content))
                pictures[tile.id] = {"name": name, "width": width}
        return files, pictures

    @staticmethod
    def _describe_left(dashboard, tiles, included):
        """The tiles that the mail leaves to the dashboard.

        :return: dict of ``more`` (how many, in words) and ``left`` (those named)
        """
        left = [tile for tile in tiles if tile not in included]
        more = left and dashboard.env._("and %s more tiles", len(left))
        if len(left) == 1:
            more = dashboard.env._("and 1 more tile")
        return {"more": more, "left": left[:MOST_LEFT]}

    def _count_rest(self, rest):
        """How many KPIs have no room, in words."""
        if not rest:
            return ""
        if all(one.kpi["status"] == "on_target" for one in rest):
            return self.env._("and %s more on track", len(rest))
        if len(rest) == 1:
            return self.env._("and 1 more KPI")
        return self.env._("and %s more KPIs", len(rest))

    def _describe_rhythm(self):
        """When the mail is sent: “Every Monday at 7:00 AM”."""
        day = self._latest_day()
        at = format_clock(self.env, datetime.combine(day, time(self.hour), UTC))
        if self.frequency == "week":
            name = weekday_name(self.env, day.weekday())
            return self.env._("Every %(weekday)s at %(time)s", weekday=name, time=at)
        rhythms = dict(self._fields["frequency"]._description_selection(self.env))
        rhythm = rhythms[self.frequency]
        return self.env._("%(rhythm)s at %(time)s", rhythm=rhythm, time=at)

    def _prepare_lead(self, shown, reader):
        """The KPI that comes first, in large letters.

        :return: dict for the template, with ``chart``: a ``ShownTile`` or None
        """
        kpi, row = shown.kpi, _prepare_row(shown, reader)
        told, unit = self._tell(shown, reader), reader.unit(kpi["unit"])
        gap = row["headline"].distance
        if told.percent:
            # As the subject says it.
            gap = self._describe_gap(told)
            if kpi["target"] is not None:
                target = compact(reader.table, kpi["target"], unit)
                gap = f"{gap} ({target})"
        chart = build_lead_chart(kpi, reader)
        return {
            **row,
            "gap": gap,
            "chart": chart
            and ShownTile(LEAD_ID, "line", shown.name, span=12, payload=chart),
        }

    def _tell(self, shown, reader):
        """``Worst``: what a subject says of a KPI that is not on track."""
        kpi, off = shown.kpi, 0.0
        if not is_judged(kpi) or kpi["status"] == "on_target":
            return Worst(shown.name, "", "", False)
        if kpi["target"] is not None and kpi["direction"] != "range":
            off = share_of(kpi["value"] - kpi["target"], kpi["target"]) or 0.0
        percent = number(reader.table, abs(off), 0) if abs(off) >= 1 else ""
        is_to_date = kpi["is_running"] and kpi["aggregation_time"] == "sum"
        value = compact(reader.table, kpi["value"], reader.unit(kpi["unit"]))
        return Worst(shown.name, value, percent, off < 0, is_to_date)

    def _subject(self, dashboard, title, answer, worst):
        """The statuses and the KPI of the mail furthest from its target; without
        targets the first.

        :param worst: ``Shown`` of that KPI, or None
        """
        own, reader = self.with_env(dashboard.env), dashboard._reader()
        if not any(list_kpis(answer)):
            return title
        if not worst or worst.kpi["status"] == "on_target":
            return own._subject_of(title, sum(count_statuses(answer).values()), None)
        kpi = worst.kpi
        if not is_judged(kpi):
            return own.env._(
                "%(dashboard)s: %(kpi)s %(value)s",
                dashboard=title,
                kpi=worst.name,
                value=compact(reader.table, kpi["value"], reader.unit(kpi["unit"])),
            )
        counts = (word for _status, word in say_statuses(answer, reader.words))
        return own.env._(
            "%(dashboard)s: %(counts)s (%(kpi)s, %(gap)s)",
            dashboard=title,
            counts=", ".join(counts),
            kpi=worst.name,
            gap=own._describe_gap(own._tell(worst, reader)),
        )


@dataclass(frozen=True)
class Shown:
    """A KPI in a tile.

    :param name: as the tile calls it
    :param kpi: its numbers
    """

    tile_id: int
    name: str
    kpi: dict


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


def _prepare_row(shown, reader):
    """A KPI as its template takes it."""
    said = headline(shown.kpi, reader)
    return {
        "name": shown.name,
        "headline": said,
        "gap": said.gap,
        "look": TONE_LOOKS[said.tone or "muted"],
        "is_rated": said.tone != "muted",
    }


def _prepare_mail_tile(tile, picture, text):
    """A tile as its template takes it.

    :param text: HTML that somebody wrote
    """
    table = None if picture else _short_table(tile)
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
        "texts": list(filter(None, texts)),
    }


def _short_table(tile):
    """As much of the table as is read on a phone; of many columns the last row."""
    table = tile.table
    if not (table and table.rows):
        return table
    if len(table.heads) > MOST_COLUMNS:
        name, *cells = table.rows[-1 - table.coming]
        rows = zip(map(Cell, table.heads[1:]), cells, strict=True)
        return Table(("", name.text), tuple(rows)[:MOST_LINES], (1,))
    lines = slice(-MOST_LINES, None) if tile.kind in TREND_KINDS else slice(MOST_LINES)
    return replace(table, rows=table.rows[lines])


def _choose_tiles(tiles, *, has_chart):
    """What a mail shows below its KPIs: texts, tables and, where it has no chart yet,
    the first one. Others have room on the dashboard.
    """
    charts = [tile.id for tile in tiles if tile.payload]
    spared = {*(charts if has_chart else charts[1:])}
    return [
        tile
        for tile in tiles
        if tile.kind != "view" and (tile.html or tile.table) and tile.id not in spared
    ][:MOST_TILES]


def _list_shown(answer):
    """``Shown`` of all KPIs with a value that tiles show, in their order.

    A tile that shows one KPI says by its title which one and whose; in a ranking the
    row says it.
    """
    found = []
    for tile in answer["tiles"]:
        kpi = tile.get("kpi")
        if kpi and kpi["has_value"]:
            is_only = len(tile["report_ids"]) == 1
            whose = f"{kpi['name']} – {kpi['scope']}" if kpi["scope"] else kpi["name"]
            name = tile["title"] if is_only else whose
            found.append(Shown(tile["id"], name, kpi))
        for row in tile.get("card", {}).get("rows") or ():
            whose = row.get("label") or row.get("scope")
            name = f"{row['name']} – {whose}" if whose else row["name"]
            if row["has_value"]:
                found.append(Shown(tile["id"], name, row))
    return found


def _find_worst(shown):
    """``Shown`` of the KPI that a mail's subject tells of; None = it shows none."""
    judged = [one for one in shown if is_judged(one.kpi)]
    first = next(iter(shown), None)
    return min(judged, key=lambda one: _distance(one.kpi), default=first)


def _rank_others(shown, worst):
    """The others, each KPI once: worst statuses first, then in their order."""

    def rank(one):
        is_rated = is_judged(one.kpi)
        return WORST_FIRST.index(one.kpi["status"]) if is_rated else len(WORST_FIRST)

    others = {}
    for one in sorted(shown, key=rank):
        others.setdefault(one.kpi["report_id"], one)
    if worst:
        others.pop(worst.kpi["report_id"], None)
    return [*others.values()]


def _report_ids(answer):
    """KPIs that the mail tells of, so that its receiver must see them."""
    tiles = answer["tiles"]
    items = (each for tile in tiles for each in tile.get("card", {}).get("items") or ())
    found = {report_id for item in items for report_id in item["report_ids"]}
    return found.union(*(tile["report_ids"] for tile in tiles)) - {None, False}


def _distance(kpi):
    """Sorts by status, then by achievement: worst first."""
    return WORST_FIRST.index(kpi["status"]), kpi["achievement"] or 0.0
