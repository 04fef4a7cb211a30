import json
from datetime import date
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.engine.link_token import new_token
from odoo.addons.kpi_base.engine.nesting import load_json, parse
from odoo.addons.kpi_base.engine.postgres import is_storable
from odoo.addons.kpi_base.formatting import format_day, format_significant
from odoo.addons.kpi_tracking.models.integration.import_references import (
    is_usable,
    make_index,
)
from odoo.addons.kpi_tracking.models.report.kpi_report import SCOPES
from odoo.addons.kpi_tracking_alert.engine.webhook_signature import (
    SecretError,
    SignatureError,
    TimeError,
    verify,
)

from ..engine.caller import _lt
from ..engine.hook_rows import FROM_TOP, Pointers, RowFault, list_items, read_item
from ..engine.pointer import PointerFault, parse_pointer
from ..engine.vendor_signature import check_hubspot

PATH = "/kpi/in"
SHOWN_ROWS = 5
SHOWN_LETTERS = 2000
PLACES = ("rows", "kpi", "scope", "day", "value")
POINTERS = [f"{place}_pointer" for place in PLACES]
MAPPING = [*POINTERS, "definition_id", "scope_type", "company_id"]
OUTCOMES = ("added", "changed", "unchanged", "refused")


class HookRow(NamedTuple):
    """A row as ``kpi.measurement._record_rows`` takes it."""

    code: str
    scope_type: str
    scope_id: int | None
    day: date
    value: float
    report_id: None = None


class KpiHook(models.Model):
    """An address to which another system sends values, or says that it has some."""

    _name = "kpi.hook"
    _description = "Inbound Hook"
    _inherit = ["kpi.integration.mixin", "kpi.signed.mixin"]

    owner_id = fields.Many2one(help="Values are recorded as this person's entries.")
    token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: new_token(),
        exportable=False,
    )
    address = fields.Char(compute="_compute_address", exportable=False)
    signed_by = fields.Selection(
        [("standard", "Standard Webhooks"), ("hubspot", "HubSpot")],
        "Signature",
        required=True,
        default="standard",
    )
    secret = fields.Char(
        help="HubSpot: the app's client secret. Otherwise leave empty to generate one."
    )
    integration_id = fields.Many2one(
        "kpi.integration",
        "Syncs Integration",
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
        help="Each message starts a sync.",
    )
    definition_id = fields.Many2one(
        "kpi.definition",
        "KPI",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('computation', '=', 'manual')]",
        help="Leave empty if the rows contain KPI codes.",
    )
    scope_type = fields.Selection(SCOPES, "Level", required=True, default="company")
    rows_pointer = fields.Char("Rows", help="Leave empty to use the whole message.")
    kpi_pointer = fields.Char("KPI Code")
    scope_pointer = fields.Char(
        "Department, Team or Person",
        help="Department or team name; for a person, also login or email.",
    )
    day_pointer = fields.Char(
        "Day", help="Leave empty to use the day on which a message arrives."
    )
    value_pointer = fields.Char("Value")
    last_error = fields.Char("Reason", readonly=True, copy=False)
    message_ids = fields.One2many(
        "kpi.hook.message", "hook_id", "Messages", readonly=True
    )
    refused_count = fields.Integer("Rows with Errors", compute="_compute_refused_count")
    sample = fields.Html(compute="_compute_preview", sanitize=False, exportable=False)
    preview = fields.Html(compute="_compute_preview", sanitize=False, exportable=False)

    _token_uniq = models.UniqueIndex("(token)")

    @api.depends("token")
    def _compute_address(self):
        for hook in self:
            hook.address = f"{hook.get_base_url()}{PATH}/{hook.token}"

    @api.depends("message_ids.refused_count", "message_ids.is_dismissed")
    def _compute_refused_count(self):
        messages = self.env["kpi.hook.message"]
        own = [("hook_id", "in", self.ids), ("is_dismissed", "=", False)]
        counts = dict(messages._read_group(own, ["hook_id"], ["refused_count:sum"]))
        for hook in self:
            hook.refused_count = counts.get(hook._origin, 0)

    @api.depends(*MAPPING, "message_ids")
    def _compute_preview(self):
        for hook in self:
            last = self.env["kpi.hook.message"].search(
                [("hook_id", "=", hook._origin.id), ("payload", "!=", False)], limit=1
            )
            hook.sample = hook.preview = False
            if last and hook.owner_id and hook.company_id:
                document = load_json(last.payload)
                hook.sample = hook._show_sample(document)
                hook.preview = hook._as_owner()._show_preview(
                    document, last.received_at
                )

    @api.constrains(*POINTERS)
    def _check_pointers(self):
        for hook in self:
            for name in POINTERS:
                try:
                    parse_pointer((hook[name] or "").removeprefix(FROM_TOP))
                except PointerFault as error:
                    raise ValidationError(
                        self.env._(
                            "%(field)s: “%(text)s” is not a path like /data/value.",
                            field=self._fields[name]._description_string(self.env),
                            text=hook[name],
                        )
                    ) from error

    def _filter_standard(self):
        return self.filtered(lambda hook: hook.signed_by == "standard")

    @api.constrains("signed_by")
    def _check_signed_by(self):
        self._check_secret()

    def action_send_again(self):
        """Record what was refused, by the pointers as they are now."""
        self.message_ids.action_send_again()

    @api.model
    def _open(self, token):
        """The hook of an address, or none."""
        return self.search([("token", "=", token)]) if is_storable(token) else self

    def _check_message(self, method, headers, body, now):
        """The id of a message that its sender has signed just now.

        :param headers: names in lower case
        :raises UserError: any other
        """
        self.ensure_one()
        try:
            secret = self._read_secret("secret")
            if self.signed_by == "hubspot":
                request = (method, self.address, body)
                return check_hubspot(secret, headers, request, now)
            return verify([secret], headers, body, now)
        except TimeError as error:
            raise UserError(
                self.env._(
                    "The message's time differs from this server's by more than 5 "
                    "minutes. Check both clocks. The message may also be a replay."
                )
            ) from error
        except SecretError as error:
            raise UserError(
                self.env._("The signing secret is missing. Choose “New Secret”.")
            ) from error
        except SignatureError as error:
            raise UserError(self.env._("The message has a wrong signature.")) from error

    def _receive(self, key, body):
        """Record what a message says, once; what became of each row.

        :param key: of the message
        :raises JsonError: it is none in JSON
        """
        document = parse(body)
        message = self.env["kpi.hook.message"]._claim(self, key)
        if not message:
            return {**dict.fromkeys(OUTCOMES, 0), "results": [], "is_repeated": True}
        answer = self._record(document, fields.Datetime.now())
        message._note(answer, body.decode())
        if self.last_error:
            self.last_error = False
        results = [
            {name: value for name, value in one.items() if name != "is_duplicate"}
            for one in answer["results"]
        ]
        return {**answer, "results": results, "is_repeated": False}

    def _record(self, document, received_at, *, wanted=None, is_again=False):
        """Record rows of a message with the rights of who is responsible.

        :param received_at: the message, by which rows without a day are dated
        :param wanted: places of the rows; None = all
        :param is_again: values that have changed since then stay
        """
        owned = self._as_owner()
        try:
            with self.env.cr.savepoint():
                owned._check_may_act()
                integration = owned.integration_id
                if integration and integration.sync_status != "disabled":
                    integration.action_sync()
                if integration and not self.value_pointer:
                    return {**dict.fromkeys(OUTCOMES, 0), "results": []}
                rows, results = owned._map(document, received_at, wanted)
                measurements = self.env["kpi.measurement"].with_env(owned.env)
                answer = measurements._record_rows(
                    [*rows.values()],
                    owned.name,
                    received_at=received_at if is_again else None,
                )
        except (RowFault, UserError) as error:
            reason = owned._say_why(error)
            refused = [{"index": None, "outcome": "refused", "detail": reason}]
            return {**dict.fromkeys(OUTCOMES, 0), "refused": 1, "results": refused}
        for place, result in zip(rows, answer["results"], strict=True):
            results[place] = {**result, "index": place}
        answer["refused"] += len(results) - len(rows)
        return {**answer, "results": [results[place] for place in sorted(results)]}

    def _map(self, document, received_at, wanted=None):
        """Rows by place, and what is refused of the others by place.

        :param received_at: the message, by which rows without a day are dated
        """
        pointers = self._get_pointers()
        items = list_items(document, pointers)
        today = fields.Date.context_today(self, received_at)
        said, refused = {}, {}
        for place in range(len(items)) if wanted is None else wanted:
            if place >= len(items):
                refused[place] = self.env._("This row no longer exists.")
                continue
            try:
                said[place] = read_item(items[place], document, pointers, today)
            except RowFault as fault:
                refused[place] = fault.translate_with(self._translate)
        kind, code, rows = self.scope_type, self.definition_id.code, {}
        scopes = self._find_scopes({one.scope for one in said.values()} - {""})
        for place, one in said.items():
            found = scopes.get(one.scope, ())
            if kind != "company" and len(found) != 1:
                refused[place] = self._refuse_scope(one.scope, found)
                continue
            scope_id = next(iter(found), None)
            rows[place] = HookRow(code or one.kpi, kind, scope_id, one.day, one.value)
        return rows, {
            place: {"index": place, "outcome": "refused", "detail": why}
            for place, why in refused.items()
        }

    def _get_pointers(self):
        given = {place: self[f"{place}_pointer"] or "" for place in PLACES}
        if self.definition_id:
            given["kpi"] = ""
        elif not given["kpi"]:
            raise RowFault(_lt("Choose a KPI or enter the path to its code."))
        if self.scope_type == "company":
            given["scope"] = ""
        elif not given["scope"]:
            raise RowFault(_lt("Enter the path to the name."))
        return Pointers(**given)

    def _find_scopes(self, texts):
        """Text → ids of the people, teams or departments that it may mean."""
        if self.scope_type == "company" or not texts:
            return {}
        index = make_index(self.env, self.scope_type)
        return index.find_ids(texts, is_usable(self.scope_type, self.company_id))

    def _refuse_scope(self, text, found):
        if found:
            return self.env._("“%s” matches several records.", text)
        return self.env._(
            "“%(text)s”: not found in %(company)s.",
            text=text,
            company=self.company_id.name,
        )

    def _show_sample(self, document):
        text = json.dumps(document, ensure_ascii=not is_storable(document), indent=2)
        if len(text) > SHOWN_LETTERS:
            text = f"{text[:SHOWN_LETTERS]}…"
        return Markup("<pre>%s</pre>") % text

    def _show_preview(self, document, received_at):
        """What would be recorded of the first rows of a message, or why not."""
        try:
            count = len(list_items(document, self._get_pointers()))
            rows, results = self._map(
                document, received_at, range(min(count, SHOWN_ROWS))
            )
            measurements, by_grain = self.env["kpi.measurement"], {}
            kpis = measurements._find_kpis({row: row for row in rows.values()})[0]
        except (RowFault, UserError) as error:  # or their rights were lost
            return self._render_preview(error=self._say_why(error))
        reasons = {place + 1: one["detail"] for place, one in results.items()}
        lines = []
        for place, row in rows.items():
            if refused := measurements._add_row(place, row, kpis[row], by_grain):
                reasons[place + 1] = refused["detail"]
            cells = [row.code, format_day(self.env, row.day)]
            cells.append(format_significant(self.env, row.value, 9))
            lines.append((place + 1, [(cell, "") for cell in cells]))
        lines += [(place + 1, [("", "")] * 3) for place in results]
        return self._render_preview(lines=sorted(lines), reasons=reasons)

    def _render_preview(self, **values):
        titles = self.env._("KPI"), self.env._("Day"), self.env._("Value")
        words = {"row": self.env._("Row"), "record": self.env._("Reason")}
        known = {"heads": [(title, "", "") for title in titles], "words": words}
        values = {**known, "error": "", "names": {}, "lines": [], **values}
        return self.env["ir.qweb"]._render("kpi_base.import_preview", values)
