import json
import re
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Literal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.kpi_base.engine.formatting import change, compact
from odoo.addons.kpi_base.engine.postgres import is_storable
from odoo.addons.kpi_base.engine.rich_text import sanitize
from odoo.addons.kpi_base.formatting import format_day, full_table
from odoo.addons.kpi_base.rights import remember_rights
from odoo.addons.kpi_base.schemas.base import MAX_ID, Id, Nothing, Text, Word
from odoo.addons.kpi_tracking.engine.due import is_comparable
from odoo.addons.kpi_tracking_dashboard.engine.drawing.charts import draw_line
from odoo.addons.kpi_tracking_dashboard.engine.drawing.payload import (
    ChartTile,
    Expected,
    PayloadError,
    Series,
)
from odoo.addons.kpi_tracking_dashboard.engine.output.reading import (
    add_ticks,
    read_coming,
    read_targets,
)
from odoo.addons.kpi_tracking_dashboard.engine.output.web import COLORS, web_tile

MOST_KNOWN = 2000
MOST_CARDS = 200
MOST_OPENED = {"card": MOST_CARDS, "history": 20, "dashboard": 5}
MOST_LISTED = 80
PERIODS = 24
COLUMNS = 6  # periods of the entry grid
OFFERED = 2  # of them, also where nothing is due
ASLEEP_DAYS = 14
MOST_LETTERS = 2000  # of the keys of a browser
CHART_SIZE = (320.0, 190.0)
# of the entry grid, as they are
OF_ROW = ("report_id", "contributor_id", "contributor", "name", "scope", "approvers")
OF_CELL = ("due", "note", "rejection", "accepted")
OF_POINT = ("label", "value", "target", "status", "running")
# as the web client names them → in the grid
UNIT = {
    "kind": "unit",
    "currencyId": "currency_id",
    "symbol": "unit_symbol",
    "durationUnit": "duration_unit",
}
KEY = re.compile(r"(card|history|dashboard):([1-9][0-9]{0,9})")
MODEL = "model:"
ITEM = "kpi.approval.item"
PATH = "/scoped_app/kpi"


def make_digest(data):
    """Eight letters that change with ``data``, which is JSON."""
    text = json.dumps(data, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:8]


class KpiPhone(models.AbstractModel):
    """What the phone app reads and sends, with the rights of whoever holds it.

    It computes nothing: each row is what a screen of the web client reads, too.
    """

    _name = "kpi.phone"
    _description = "KPI Phone App"

    @api.model
    @api.readonly
    def sync(self, known: dict[str, str]):
        """What has changed of all that the phone keeps.

        Cards of KPIs that are the user's, starred by them, or named in ``known``; what
        waits for them; dashboards and histories that are named there, the first of
        each kind up to ``MOST_OPENED``.

        :param known: key → digest of what the phone has
        :return: dict of ``rows`` (key → dict of ``digest`` and ``data``, of those that
            differ), ``gone`` (keys of ``known`` that are not to be kept), ``at`` and
            ``me``
        :raises UserError: more keys than a phone has
        """
        if len(known) > MOST_KNOWN:
            raise UserError(self.env._("Too many items requested. Reload the app."))
        own = self._use_own_language()._use_chosen_companies()
        with remember_rights(own.env):
            found = own._read_rows(known)
        rows = {key: {"digest": make_digest(found[key])} for key in found}
        return {
            "rows": {
                key: {**row, "data": found[key]}
                for key, row in rows.items()
                if known.get(key) != row["digest"]
            },
            "gone": [key for key in known if key not in found],
            "at": fields.Datetime.now().isoformat() + "Z",
            "me": own._describe_user(),
        }

    def _use_own_language(self):
        """Answer in the user's language: requests of phones name none, as Odoo's do."""
        return self.with_context(lang=self.env.user.lang)

    def _use_chosen_companies(self):
        """Show what Odoo's own pages show: of the companies chosen in its switcher,
        which writes them into a cookie; the user's main one where none is chosen.
        """
        user = self.env.user
        own = {str(id_): id_ for id_ in user._get_company_ids()}
        cookie = request.cookies.get("cids", "") if request else ""
        chosen = [own[text] for text in cookie.split("-") if text in own]
        return self.with_context(allowed_company_ids=chosen or user.company_id.ids)

    def _describe_user(self):
        user, company = self.env.user, self.env.company
        return {
            "uid": user.id,
            "name": user.name,
            "company_id": company.id,
            # What the user's own company is called is no secret.
            "company": company.sudo().name,
            "lang": self.env.lang or "en_US",
            "formatting": full_table(self.env),
            "tz": str(self.env.tz),
            "db": self.env.cr.dbname,
            "asleep_days": ASLEEP_DAYS,
            "push_key": self._get_push_key(),
        }

    def _get_push_key(self):
        # By which the browser knows this server; Odoo hands it to all who sign in.
        settings = self.env["ir.config_parameter"].sudo()
        return settings.get_param("mail.web_push_vapid_public_key") or ""

    def _read_rows(self, known):
        """Key → data of all that a phone with ``known`` keeps; an addon adds its own.

        Read with the user's rights, in a fixed number of statements::

            def _read_rows(self, known):
                deals = self.env["my.deal"].search_read([], ["name"], limit=50)
                return {**super()._read_rows(known), "my_addon.deals": deals}
        """
        opened = {kind: [] for kind in MOST_OPENED}
        for key in known:
            if match := KEY.fullmatch(key):
                ids, id_ = opened[match[1]], int(match[2])
                if len(ids) < MOST_OPENED[match[1]] and id_ <= MAX_ID:
                    ids.append(id_)
        reader = self.env["kpi.dashboard"]._reader()
        return {
            **self._read_cards(opened["card"], reader),
            **self._read_histories(opened["history"], reader),
            **self._read_dashboards(opened["dashboard"]),
            "needs": self._list_needs(),
            "alerts": self._list_alerts(),
            "approvals": self._list_approvals(),
            "entries": self._list_entries(),
            "terms": self._list_terms(),
            **self._list_readable(known),
        }

    def _list_readable(self, known):
        """List the models of ``known`` that the user may read, for screens of them."""
        names = (key.removeprefix(MODEL) for key in known if key.startswith(MODEL))
        return {
            f"{MODEL}{name}": True
            for name in names
            if name in self.env
            # What has no records reads with the user's rights.
            and (self.env[name]._abstract or self.env[name].has_access("read"))
        }

    def _read_cards(self, opened, reader):
        home, reports = self.env["kpi.home"], self.env["kpi.report"]
        mine = Domain("owner_id", "=", self.env.uid) | Domain("is_starred", "=", True)
        mine |= Domain("id", "in", opened)
        mine &= Domain("definition_id.active", "=", True)
        ids = reports.search(mine, limit=MOST_CARDS).ids
        if len(ids) < MOST_CARDS:
            others = home._get_summary_domain() & Domain("id", "not in", ids)
            ids += reports.search(others, limit=MOST_CARDS - len(ids)).ids
        cards = home._list_cards(Domain("id", "in", ids), PERIODS)
        words = reports._fields["status"]._description_selection(self.env)
        return {
            f"card:{card['report_id']}": _write_card(card, reader, dict(words))
            for card in cards
        }

    def _read_histories(self, ids, reader):
        reports = self.env["kpi.report"].search([("id", "in", ids)])
        return {f"history:{kpi.id}": self._read_history(kpi, reader) for kpi in reports}

    def _read_history(self, report, reader):
        """The last periods of a KPI and those to come, drawn and in words."""
        points = report.get_history(report.id)["points"]
        past = [point for point in points if not point.get("coming")][-PERIODS:]
        coming = [point for point in points if point.get("coming")]
        # Who sees a KPI reads its numbers in its unit.
        unit = reader.unit(report.sudo().definition_id._unit_description())
        known = [point for point in past if point["value"] is not None]
        closed = [point["start"] for point in known if not point["running"]][-2:]
        try:
            changed = report.explain_change(*closed) if len(closed) == 2 else {}
        except UserError:  # these two cannot be compared
            changed = {}
        likely = ""
        # Of the period that runs, as all other screens: else of the next one.
        ahead = [point for point in (*past[-1:], *coming) if point.get("expected")]
        if ahead and ahead[0]["expected"]["value"] is not None:
            likely = self.env._(
                "Forecast: %(value)s at the end of %(period)s",
                value=compact(reader.table, ahead[0]["expected"]["value"], unit),
                period=ahead[0]["label"],
            )
        return {
            "report_id": report.id,
            "points": [
                {
                    **{name: point[name] for name in OF_POINT},
                    "period_start": point["start"],
                    "formatted": reader.short(point["value"], unit),
                    "unusual": point.get("unusual", ""),
                    "expected": point.get("expected"),
                }
                for point in (*past, *coming)
            ],
            "svg": self._draw_history(report, past, coming, unit, reader),
            "explain": changed.get("sentences", []),
            "likely": likely,
            "finding": report.finding,
        }

    def _draw_history(self, report, past, coming, unit, reader):
        """SVG of the line, with its target and the band ahead; empty without values."""
        if not any(point["value"] is not None for point in past):
            return ""
        ahead = [past[-1].get("expected") or {}, *(each["expected"] for each in coming)]
        columns = (
            [one.get(name) for one in ahead] for name in ("value", "low", "high")
        )
        # As in other charts, a period that began today with nothing is no fall to 0.
        values = [None if each["untouched"] else each["value"] for each in past]
        targets = [each["target"] for each in past]
        texts = tuple(reader.short(value, unit) for value in values)
        statuses = tuple(point["status"] or "" for point in past)
        expected = Expected(*map(tuple, columns)) if any(ahead) else None
        names = {"coming": {"categories": [each["label"] for each in coming]}}
        chart = ChartTile(
            title=report.name,
            categories=tuple(point["label"] for point in past),
            series=(
                Series(self.env._("Value"), tuple(values), texts, expected, statuses),
            ),
            **read_targets(targets, unit, reader),
            is_running=past[-1]["running"],
            size=CHART_SIZE,
            **(read_coming(names, reader) if coming else {}),
        )
        try:
            chart = add_ticks(chart, unit, reader, has_zero=False)
            return draw_line(chart, COLORS).as_svg()
        except PayloadError:  # numbers that no scale holds
            return ""

    def _read_dashboards(self, ids):
        listed = self.env["kpi.dashboard"].search(
            [("is_listed", "=", True)], limit=MOST_LISTED
        )
        found = {"dashboards": [{"id": one.id, "name": one.name} for one in listed]}
        for board in self.env["kpi.dashboard"].search([("id", "in", ids)]):
            answer = board.data()
            found[f"dashboard:{board.id}"] = {
                "name": board.name,
                "subtitle": board._subtitle(answer),
                "tiles": [_write_tile(tile) for tile in board._drawings(answer)],
            }
        return found

    def _list_needs(self):
        names = ("kind", "count", "date", "urgency", "model", "res_id")
        return [
            {"label": item["text"], **{name: item[name] for name in names}}
            for item in self.env["kpi.home"].get_needs()
        ]

    def _list_alerts(self):
        mine = Domain("state", "!=", "resolved") & Domain("is_mine", "=", True)
        events = self.env["kpi.alert.event"].search(mine, limit=MOST_LISTED)
        return events._prepare_items()

    def _list_approvals(self):
        items = self.env[ITEM].search(
            [("user_id", "=", self.env.uid)], limit=MOST_LISTED
        )
        return [self._describe_approval(item) for item in items]

    def _describe_approval(self, item):
        moments = {"since": item.asked_at, "due": item.decide_by}
        document = self.env[item.res_model].browse(item.res_id)
        due_label = document._get_due_label()
        shown = {
            "step_id": item.id,
            "kind": item.kind,
            "document": item.document_name,
            "amount": item.amount_text,
            # The amount and the due date have places of their own.
            "facts": [
                fact
                for fact in item.details
                if fact["text"] != item.amount_text and fact["label"] != due_label
            ],
            # Who asks is told to whoever is asked.
            "asked_by": item.submitter_id.sudo().name,
            **{name: fields.Datetime.to_string(day) for name, day in moments.items()},
            "state": item.state,
            "needs_dialog": item.needs_dialog,
            "link": f"/odoo/{item.res_model}/{item.res_id}",
        }
        seen = make_digest([shown, item.content_version])
        # What has become late since then is the same document: it asks for a reason.
        return {**shown, "is_late": item.is_late, "seen": seen}

    def _list_entries(self):
        """Cells in which a value is due, or may be entered for the last periods."""
        reports = self.env["kpi.report"]
        grids = [reports.get_entry_grid(count=COLUMNS)]
        for layout in grids[0]["layouts"][1:]:
            chosen = {name: layout[name] for name in ("frequency", "calendar_id")}
            grids.append(reports.get_entry_grid(chosen, COLUMNS))
        cells = [
            self._describe_cell(row, column, cell)
            for grid in grids
            for row in grid["rows"]
            for at, (column, cell) in enumerate(
                zip(grid["columns"], row["cells"], strict=True)
            )
            if not cell["locked"]
            and (cell["due"] or at >= len(grid["columns"]) - OFFERED)
        ]
        # what is due first; else the newest period
        return sorted(cells, key=lambda one: (not one["due"], one["due"] or ""))

    def _describe_cell(self, row, column, cell):
        due, is_late, words = cell["due"], bool(cell["due"] and cell["late"]), ""
        if due:
            day = format_day(self.env, due)
            words = self.env._("Due on %s", day)
            if is_late:
                words = self.env._("Overdue since %s", day)
        unit = {name: row[key] or False for name, key in UNIT.items()}
        return {
            **{name: row[name] for name in OF_ROW},
            **{name: cell[name] for name in OF_CELL},
            "period": column["start"],
            "label": column["label"],
            "unit": {
                **unit,
                "decimals": row["decimals"],
                "symbol": unit["symbol"] or "",
            },
            "digits": row["decimals"],
            "due_words": words,
            "is_overdue": is_late,
            "seen": {"state": cell["state"], "value": cell["value"]},
        }

    def _list_terms(self):
        status = self.env["kpi.report"]._fields["status"]
        reasons = self.env["kpi.approval.delay.reason"].search_fetch([], ["name"])
        return {
            "currencies": self.env["res.currency"].get_all_currencies(),
            "delay_reasons": [{"id": one.id, "name": one.name} for one in reasons],
            "statuses": dict(status._description_selection(self.env)),
        }

    @api.model
    def decide(
        self,
        step_id: Id,
        decision: Literal["approve", "reject", "return"],
        comment: Text | Nothing = "",
        seen_state: Word | Nothing = "",
        delay_reason_id: Id | Nothing = False,
        delay_note: Text | Nothing = "",
        uuid: Word | Nothing = "",
    ):
        """Decide on what waits for the user, if it is still what they were shown.

        :param step_id: of ``sync``'s ``approvals``
        :param seen_state: their ``seen``
        :param delay_reason_id: of ``sync``'s ``terms``; where ``is_late``
        :param uuid: by which ``find_decisions`` finds an answer that was lost; what
            comes again with it is decided once
        :return: dict of ``state`` (done, conflict, refused) and ``message``; of what is
            done also ``at``
        """
        self = self._use_own_language()
        receipts = self.env["kpi.phone.receipt"]
        digest = make_digest([step_id, decision])
        if uuid and not receipts._claim(uuid, digest):
            known, answer = receipts._find(uuid)
            if known == digest:
                return answer
            message = self.env._("Sent before with different content.")
            return {"state": "refused", "message": message}
        asked = (step_id, decision, comment, seen_state, delay_reason_id, delay_note)
        answer = self._decide_step(*asked)
        if answer["state"] == "done":
            answer["at"] = fields.Datetime.now().isoformat() + "Z"
        if uuid and answer["state"] == "done":
            receipts._store(uuid, answer)
        elif uuid:
            receipts._release(uuid)
        return answer

    @api.model
    @api.readonly
    def find_decisions(self, uuids: list[str]):
        """What became of decisions whose answers were lost.

        :return: dict number → answer of ``decide``; without those that never came
        :raises UserError: more than a phone has
        """
        if len(uuids) > MOST_LISTED:
            raise UserError(self.env._("Too many items requested. Reload the app."))
        found = filter(is_storable, uuids)
        return self.env["kpi.phone.receipt"]._find_answers([*found])

    def _decide_step(self, step_id, decision, comment, seen, reason_id, note):
        item = self.env[ITEM].search(
            [("id", "=", step_id), ("user_id", "=", self.env.uid)]
        )
        if not item:
            step = self.env["kpi.approval.step"].search([("id", "=", step_id)])
            gone = self.env._("Someone else already decided.")
            return {"state": "conflict", "message": step._say_why_closed() or gone}
        shown = self._describe_approval(item)
        if seen and seen != shown["seen"]:
            message = self.env._("This has changed. Check again.")
            return {"state": "conflict", "message": message, "theirs": shown}
        if item.needs_dialog and decision == "approve":
            message = self.env._("Open this approval in Odoo.")
            return {"state": "refused", "message": message}
        reasons = self.env["kpi.approval.delay.reason"]
        reason = reasons.search([("id", "=", reason_id)])
        if missing := reason._say_missing(item.is_late):
            return {"state": "refused", "message": missing}
        explained = reason._explain_delay(item, note or "")
        refused = explained._decide(decision, comment or "")
        if refused:
            return {"state": "refused", "message": next(iter(refused.values()))}
        return {"state": "done", "message": ""}

    @api.model
    def register_push(
        self,
        subscription: dict[str, Any],
        odoo_endpoint: Text | Nothing = False,
        shows_numbers: bool = False,
    ):
        """Have notifications about KPIs come to the app on this phone.

        :param subscription: as the browser gives it, with ``vapid_public_key``
        :param odoo_endpoint: of Odoo in the same browser, which is left alone then
        :raises UserError: it is none
        """
        self = self._use_own_language()
        endpoint, keys = (subscription.get(name) for name in ("endpoint", "keys"))
        if not (isinstance(endpoint, str) and is_storable(endpoint) and endpoint):
            raise UserError(
                self.env._(
                    "Your browser provided no address for notifications. Try again."
                )
            )
        if not isinstance(keys, dict) or len(json.dumps(keys)) > MOST_LETTERS:
            raise UserError(
                self.env._(
                    "Your browser provided no keys for notifications. Try again."
                )
            )
        known = self._get_push_key()
        if not known or subscription.get("vapid_public_key") != known:
            raise UserError(
                self.env._("The notification key has changed. Reload the app.")
            )
        devices = self.env["mail.push.device"]
        devices.register_devices(endpoint=endpoint, keys=keys, vapid_public_key=known)
        # A browser names its own device; Odoo has just written it.
        devices.sudo().search([("endpoint", "=", endpoint)]).write(
            {
                "is_kpi_app": True,
                "odoo_endpoint": odoo_endpoint or False,
                "shows_numbers": shows_numbers,
            }
        )
        return True

    @api.model
    def unregister_push(self, endpoint: Text):
        """Have no notifications come to the app on this phone any more."""
        own = [("endpoint", "=", endpoint)]
        own.append(("partner_id", "=", self.env.user.partner_id.id))
        # One's own device, which nobody but Odoo may read.
        self.env["mail.push.device"].sudo().search(own).unlink()
        return True

    @api.model
    def ask(self, text: Text):
        """Answer a question in plain words; ``None`` where nothing answers any."""
        if "kpi.nlp.processor" not in self.env:
            return None
        return self._use_own_language().env["kpi.nlp.processor"].ask(text)


def _write_card(card, reader, words):
    """A card of the overview with its texts, without what ``periods`` say, too."""
    unit, is_running = reader.unit(card["unit"]), card["period"]["is_running"]
    # When it was counted last says nothing of a value that stays.
    left = ("trend", "is_starred", "measured_at")
    shown = {name: card[name] for name in card if name not in left}
    return {
        **shown,
        "starred": card["is_starred"],
        "formatted": reader.short(card["value"], unit),
        "status_label": words[card["status"]],
        "comparison": _compare(card, unit, reader),
        "is_running": is_running,
    }


def _compare(card, unit, reader):
    """The value beside its target, else beside the one before."""
    value, words = card["value"], reader.words
    is_running, aggregation = card["period"]["is_running"], card["aggregation_time"]
    if value is None:
        return ""
    if card["target"] is not None and card["direction"] != "range":
        is_growing = is_running and aggregation == "sum"
        word = words["vs_target_so_far" if is_growing else "vs_target"]
        return word % change(reader.table, value, card["target"], unit)
    if card["previous"] is None or not is_comparable(aggregation, is_running):
        return ""
    text = change(reader.table, value, card["previous"], unit)
    return words["vs_period"] % {"change": text, "period": card["previous_label"]}


def _write_tile(tile):
    """A tile of a dashboard in one column."""
    drawn = web_tile(tile)
    table = tile.table if tile.shows_table else drawn.table
    return {
        "id": tile.id,
        "title": tile.heading,
        "kind": tile.kind,
        "svg": drawn.small_svg or drawn.svg,
        "headline": tile.headline and asdict(tile.headline),
        "html": str(sanitize(tile.html)),
        "table": table
        and {
            "heads": list(table.heads),
            "rows": [[cell.text for cell in row] for row in table.rows],
        },
        "message": tile.message,
        "notes": list(tile.notes),
        "footer": tile.footer,
    }
