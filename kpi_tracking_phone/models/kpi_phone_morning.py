import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.outbox import DeliverySkipped

from .kpi_phone import PATH

HOURS = [(str(hour), f"{hour:02}:00") for hour in range(5, 13)]
LATE_HOURS = 3  # after its hour a message is no greeting any more
WEEK = timedelta(days=6)
MOST_EXPLAINED = 3
RENDERER = "kpi.phone.morning"
TONES = {"better": "good", "worse": "critical"}
# of an item of the overview's digest
OF_ITEM = ("kind", "title", "text", "tone", "step", "model", "ids")


class ResUsers(models.Model):
    """When people are told what happened to their KPIs and tasks."""

    _inherit = "res.users"

    kpi_morning_hour = fields.Selection(
        HOURS,
        "Morning Message",
        help="On days you work: what happened to your KPIs and tasks since the last.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "kpi_morning_hour"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "kpi_morning_hour"]

    def _kpi_works_on(self, day):
        """Whether this person works on a day; each day for who never works."""
        return self._kpi_find_last_working_day(day + timedelta(days=1)) == day

    def _kpi_queue_morning(self, key):
        """Queue the message of today, to the app or by e-mail, if anything happened."""
        self.ensure_one()
        # What the person may see is in it.
        own = self.env[RENDERER].with_user(self)
        own = own.with_context(allowed_company_ids=None, lang=self.lang, tz=self.tz)
        card = own._read_card()
        if not card["items"]:
            return
        devices = self.env["mail.push.device"]
        app = [("partner_id", "=", self.partner_id.id), ("is_kpi_app", "=", True)]
        values = {
            "key": key,
            "channel": "push" if devices.search_count(app, limit=1) else "email",
            "user_id": self.id,
            "company_id": self.company_id.id,
            "subject": card["title"],
            "renderer": RENDERER,
            "lines": [{"res_model": self._name, "res_id": self.id}],
        }
        self.env["kpi.delivery"]._queue([values])


class KpiPhoneMorning(models.AbstractModel):
    """What happened since the last working day, for the first card of the app.

    It is computed once a day for each person, in their language and for their
    companies; what they may no longer see by then is left out when it is read.
    """

    _name = "kpi.phone.morning"
    _description = "Morning Card"

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_phone_morning (
                id bigserial PRIMARY KEY,
                user_id integer NOT NULL REFERENCES res_users ON DELETE CASCADE,
                companies text NOT NULL,
                lang text NOT NULL,
                day date NOT NULL,
                card jsonb NOT NULL,
                UNIQUE (user_id, companies, lang)
            )
            """
        )

    @api.model
    def _read_card(self):
        """The card of today.

        :return: dict of ``day`` (since which), ``title`` (“Since Thursday”) and
            ``items``: as the overview's digest has them, with ``name`` and ``cause`` of
            KPIs
        """
        today = fields.Date.context_today(self)
        key = self._get_key()
        query = SQL(
            "SELECT card FROM kpi_phone_morning WHERE user_id = %s"
            " AND companies = %s AND lang = %s AND day = %s",
            *key,
            today,
        )
        rows = self.env.execute_query(query)
        card = rows[0][0] if rows else self._compute_card(today)
        if not rows:
            self._store_card(key, today, card)
        about = [id_ for item in card["items"] if _is_kpi(item) for id_ in item["ids"]]
        seen = set(self.env["kpi.report"].search([("id", "in", about)]).ids)
        items = [
            item for item in card["items"] if not _is_kpi(item) or seen & {*item["ids"]}
        ]
        return {**card, "items": items}

    def _get_key(self):
        companies = "-".join(map(str, sorted(self.env.companies.ids)))
        return self.env.uid, companies, self.env.lang or "en_US"

    def _store_card(self, key, today, card):
        query = SQL(
            """
            INSERT INTO kpi_phone_morning (user_id, companies, lang, day, card)
            VALUES (%s, %s, %s, %s, %s)
       ON CONFLICT (user_id, companies, lang)
         DO UPDATE SET day = excluded.day, card = excluded.card
             WHERE kpi_phone_morning.day < excluded.day
            """,
            *key,
            today,
            json.dumps(card),
        )
        cr, registry = self.env.cr, self.env.registry
        if not cr.readonly:
            cr.execute(query)
            return

        # The app asks what changed on a connection that only reads.
        @cr.postcommit.add
        def store():
            with registry.cursor() as writing:
                writing.execute(query)

    @api.model
    def _compute_card(self, today):
        user = self.env.user
        day = user._kpi_find_last_working_day(today)
        home = self.env["kpi.home"]
        items = [
            {name: item[name] for name in OF_ITEM} | {"period": _get_period(item)}
            for item in (*home._since(day), *home._list_decided(day))
        ]
        kpis = [item for item in items if _is_kpi(item)]
        about = [id_ for one in kpis for id_ in one["ids"]]
        reports = self.env["kpi.report"].browse(about)
        for item, report in zip(kpis, reports, strict=True):
            item["name"] = report.name
        for item, report in zip(kpis[:MOST_EXPLAINED], reports, strict=False):
            item["cause"] = self._explain(report, item["period"])
        title = self._say_since(day, today)
        return {"day": day.isoformat(), "title": title, "items": items}

    def _explain(self, report, period_start):
        """What did most of it, of a period that has closed; else empty."""
        days = report._list_closed_days(2)
        start = fields.Date.to_date(period_start)
        if len(days) < 2 or start not in days:
            return ""  # it runs: a part of it beside all of the one before
        try:
            changed = report.explain_change(*map(fields.Date.to_string, sorted(days)))
        except UserError:  # these two cannot be compared
            return ""
        parts = changed["parts"][:1]
        words = [{"part": part["label"], "change": part["text"]} for part in parts]
        return self.env._("Mostly %(part)s: %(change)s", **words[0]) if words else ""

    def _say_since(self, day, today):
        if day == today - timedelta(days=1):
            return self.env._("Since yesterday")
        pattern = "EEEE" if day >= today - WEEK else "d MMMM"
        return self.env._("Since %s", format_date(self.env, day, date_format=pattern))

    @api.model
    def _cron_send(self):
        """Have those who chose this hour be told, on days they work, once a day."""
        due = self._find_due()
        steps = {key: (due[key]._kpi_queue_morning, key) for key in due}
        self.env["ir.cron"]._run_alone(steps)

    def _find_due(self):
        """Key of a message → person whose hour it is."""
        found, now = {}, fields.Datetime.now()
        chosen = Domain("kpi_morning_hour", "!=", False) & Domain("share", "=", False)
        for user in self.env["res.users"].search(chosen):
            there = self.with_context(tz=user.tz or "UTC")
            local = fields.Datetime.context_timestamp(there, now)
            hour, day = int(user.kpi_morning_hour), local.date()
            is_time = hour <= local.hour < hour + LATE_HOURS
            if is_time and user._kpi_works_on(day):
                found[f"phone.morning:{user.id}:{day}"] = user
        queued = self.env["kpi.delivery"].search([("key", "in", [*found])])
        return {key: found[key] for key in found.keys() - {*queued.mapped("key")}}

    @api.model
    def _render_delivery(self, _delivery, _lines):
        card = self._read_card()
        if not card["items"]:
            raise DeliverySkipped(self.env._("Nothing happened."))
        base = self.get_base_url()
        lines = tuple(
            Line(
                item["title"],
                ". ".join(filter(None, (item["text"], item.get("cause")))),
                TONES.get(item["tone"], ""),
                url=_get_link(base, item),
            )
            for item in card["items"]
        )
        url = f"{base}/odoo"
        title = f"{card['title']}: {card['items'][0]['title']}"
        actions = (Action(self.env._("Open Overview"), url),)
        return Message(title, lines=lines, actions=actions, url=url)

    def _list_names(self):
        """KPIs of the card, for a screen that others see: names without numbers."""
        return [item["name"] for item in self._read_card()["items"] if _is_kpi(item)]


class KpiPhone(models.AbstractModel):
    """The card is a row of the app, whose owner chooses the hour of its message."""

    _inherit = "kpi.phone"

    @api.model
    def set_morning_hour(self, hour: int | None = None):
        """Choose when the morning message comes; None: never.

        :raises UserError: no hour of ``HOURS``
        """
        chosen = str(hour) if hour else False
        if chosen and chosen not in dict(HOURS):
            raise UserError(self.env._("Choose an hour from the list."))
        # One's own setting.
        self.env.user.sudo().kpi_morning_hour = chosen
        return True

    def _describe_user(self):
        user = self.env.user
        hours = {"morning_hours": HOURS, "morning_hour": user.kpi_morning_hour or ""}
        return {**super()._describe_user(), **hours}

    def _read_rows(self, known):
        card = self.env[RENDERER]._read_card()
        own = {"morning": card} if card["items"] else {}
        return {**super()._read_rows(known), **own}


def _is_kpi(item):
    return item["model"] == "kpi.report" and item["kind"] == "kpi"


def _get_period(item):
    return item["context"].get("kpi_period", "")


def _get_link(base, item):
    if len(item["ids"]) == 1:
        return f"{base}/odoo/{item['model']}/{item['ids'][0]}"
    return f"{base}{PATH}" if not item["ids"] else f"{base}/odoo"
