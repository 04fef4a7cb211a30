import json
import logging
from datetime import datetime, timezone
from decimal import Decimal
from hashlib import sha256
from typing import Any

from pydantic import ValidationError as SchemaError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.kpi_base.repeat import LATE

from ..schemas.item import KINDS, Item

KEPT_DAYS = 60
MOST_ITEMS = 50
MOST_BYTES = 8_000_000  # a photo, as base64, and the rest
MOST_PHOTO_BYTES = 5_000_000  # a phone redraws its photos: they have some 300,000
PHOTO_TYPES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
LONGEST_UUID = 36
CELL = ("state", "value")  # of a cell, by which two are compared

_logger = logging.getLogger(__name__)


class KpiPhoneReceipt(models.AbstractModel):
    """What came from phones, with its answer: it is done once, however often it comes.

    The claim lies in the transaction of what is done. A second sender waits for it, and
    is run again where the first has committed: it finds the answer then.
    """

    _name = "kpi.phone.receipt"
    _description = "Phone Receipt"

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_phone_receipt (
                id bigserial PRIMARY KEY,
                user_id integer NOT NULL,
                uuid text NOT NULL,
                digest text NOT NULL,
                phone_time text NOT NULL,
                created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
                answer jsonb,
                UNIQUE (user_id, uuid)
            );
            CREATE INDEX IF NOT EXISTS kpi_phone_receipt_created_at_idx
                ON kpi_phone_receipt (created_at)
            """
        )

    @api.model
    def _claim(self, uuid, digest, phone_time=""):
        """Whether ``uuid`` is new; it is this transaction's then."""
        query = SQL(
            """
            INSERT INTO kpi_phone_receipt (user_id, uuid, digest, phone_time)
            VALUES (%s, %s, %s, %s)
       ON CONFLICT (user_id, uuid) DO NOTHING
         RETURNING id
            """,
            self.env.uid,
            uuid,
            digest,
            phone_time,
        )
        return bool(self.env.execute_query(query))

    @api.model
    def _find(self, uuid):
        """Digest and answer of what came before; None, None: nothing did."""
        query = SQL(
            "SELECT digest, answer FROM kpi_phone_receipt"
            " WHERE user_id = %s AND uuid = %s",
            self.env.uid,
            uuid,
        )
        rows = self.env.execute_query(query)
        return rows[0] if rows else (None, None)

    @api.model
    def _find_answers(self, uuids):
        """Number → answer, of those of the user's that were processed."""
        query = SQL(
            "SELECT uuid, answer FROM kpi_phone_receipt"
            " WHERE user_id = %s AND uuid = ANY(%s) AND answer IS NOT NULL",
            self.env.uid,
            uuids,
        )
        return dict(self.env.execute_query(query))

    @api.model
    def _store(self, uuid, answer):
        self.env.cr.execute(
            "UPDATE kpi_phone_receipt SET answer = %s WHERE user_id = %s AND uuid = %s",
            (json.dumps(answer), self.env.uid, uuid),
        )

    @api.model
    def _release(self, uuid):
        """Have ``uuid`` be new again: nothing was done."""
        self.env.cr.execute(
            "DELETE FROM kpi_phone_receipt WHERE user_id = %s AND uuid = %s",
            (self.env.uid, uuid),
        )

    @api.autovacuum
    def _gc_receipts(self):
        self.env.cr.execute(
            "DELETE FROM kpi_phone_receipt WHERE created_at"
            " < now() AT TIME ZONE 'UTC' - %s * interval '1 day'",
            (KEPT_DAYS,),
        )
        # Photos of entries that never came, whoever took them.
        self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", "kpi.value.entry"),
                ("res_id", "=", 0),
                ("create_date", "<", f"today -{KEPT_DAYS}d"),
            ]
        ).unlink()


class KpiPhone(models.AbstractModel):
    """Takes what people did without reception."""

    _inherit = "kpi.phone"

    @api.model
    def exchange(self, items: list[dict[str, Any]], known: dict[str, str]):
        """Do what a phone has kept, then what has changed: both in one request.

        :param items: as ``flush`` takes them
        :param known: as ``sync`` takes it
        :return: dict of ``sync``, with ``answers``, those of ``flush``
        """
        answers = self.flush(items)
        return {**self.sync(known), "answers": answers}

    @api.model
    def flush(self, items: list[dict[str, Any]]):
        """Do what a phone has kept, each item once and whatever becomes of the others.

        :param items: dicts as ``Item`` of ``schemas/item.py``
        :return: list in the same order: dicts of ``uuid``, ``state`` and ``message``.
            ``done``; ``conflict``: not done, the person decides (``theirs`` is what is
            there by now; with ``is_withdrawn`` the rights for it are missing: it is
            done if it comes again and they are back); ``refused``: it never will be;
            ``failed``: it may be later
        :raises UserError: more than can be taken at once
        """
        self = self._use_own_language()
        is_large = len(items) <= MOST_ITEMS and len(json.dumps(items)) > MOST_BYTES
        if len(items) > MOST_ITEMS or is_large:
            raise UserError(self.env._("Too many items sent. Update the app."))
        answers, waiting = [], set()
        for item in items:
            if item.get("after") in waiting:
                message = self.env._("The entry before this one was not sent yet.")
                uuid = str(item.get("uuid"))[:LONGEST_UUID]
                answers.append({"uuid": uuid, "state": "failed", "message": message})
            else:
                answers.append(self._flush_item(item))
            if answers[-1]["state"] == "failed":
                waiting.add(answers[-1]["uuid"])
        return answers

    def _flush_item(self, given):
        uuid = str(given.get("uuid"))[:LONGEST_UUID]
        try:
            item = Item.model_validate(given)
            kind = KINDS.get(item.kind)
            data = kind and kind.model_validate(item.data)
        except SchemaError as error:
            reason = error.errors(include_url=False)[0]["msg"]
            message = self.env._("Damaged on the phone: %s.", reason)
            return {"uuid": uuid, "state": "refused", "message": message}
        message = ""
        if item.uid != self.env.uid:
            message = self.env._("Someone else entered this. Sign in as that person.")
        elif item.company_id not in self.env.companies.ids:
            message = self.env._("You have no access to the entry's company.")
        if message:
            return {"uuid": uuid, "state": "refused", "message": message}
        if not data:
            message = self.env._("Odoo does not support this yet. Upgrade it first.")
            return {"uuid": uuid, "state": "failed", "message": message}
        return {"uuid": uuid, **self._do_once(item, data)}

    def _do_once(self, item, data):
        receipts = self.env["kpi.phone.receipt"]
        text = json.dumps(item.model_dump(exclude={"phone_time"}), sort_keys=True)
        digest = sha256(text.encode()).hexdigest()
        if not receipts._claim(item.uuid, digest, item.phone_time):
            known, answer = receipts._find(item.uuid)
            if known == digest:
                return answer
            message = self.env._("Sent before with different content.")
            return {"state": "refused", "message": message}
        try:
            with self.env.cr.savepoint():
                answer = getattr(self, f"_take_{item.kind}")(item, data)
        except AccessError as error:
            # No receipt: rights come back.
            receipts._release(item.uuid)
            message = str(error)
            return {"state": "conflict", "message": message, "is_withdrawn": True}
        except UserError as error:
            answer = {"state": "conflict", "message": str(error)}
        except LATE:
            raise
        except Exception:  # the others are not held up
            _logger.exception("An item of a phone could not be done.")
            receipts._release(item.uuid)
            message = self.env._("Sending failed. Retrying later.")
            return {"state": "failed", "message": message}
        receipts._store(item.uuid, answer)
        return answer

    def _take_entry(self, item, data):
        """Enter a value, if the cell is as the phone showed it or left it."""
        report = self._find_report(data)
        day = fields.Date.to_date(data.period)
        contributor = self.env["res.users"].browse(data.contributor_id or ())
        period = report.definition_id.calendar_id._period(report.frequency, day)
        slot = (report, report._find_contributor(contributor))
        ((current,),) = report._build_grid_cells([slot], [period]).values()
        seen = item.seen
        if item.after:
            _digest, before = self.env["kpi.phone.receipt"]._find(item.after)
            seen = (before or {}).get("left") or seen
        value = self._write_typed(data.value)
        is_same = current["value"] is not None and data.value == current["value"]
        if is_same and not (data.note or data.reason or data.photo is not None):
            # Another phone was first: nothing is left to do.
            return {"state": "done", "left": {name: current[name] for name in CELL}}
        is_seen = seen and all(seen.get(name) == current[name] for name in CELL)
        if not is_seen and not is_same:
            message = self.env._("This value has changed since you saw it.")
            theirs = self._describe_theirs(slot, period, current)
            return {"state": "conflict", "message": message, "theirs": theirs}
        photo = self.env["ir.attachment"]
        if data.photo is not None:
            fault, photo = self._store_photo(data.photo)
            if fault:
                return {"state": "refused", "message": fault}
        cell = {
            "report_id": report.id,
            "contributor_id": data.contributor_id or False,
            "start": fields.Date.to_string(day),
            "text": value,
            "note": data.note or "",
            "reason": data.reason or "",
            "attachment_ids": [*data.attachment_ids, *photo.ids],
            "is_sure": data.force,
        }
        (answer,) = report.save_entries([cell], ask_unusual=True)
        if "cell" in answer:
            left = {name: answer["cell"][name] for name in CELL}
            return {"state": "done", "left": left}
        photo.unlink()  # it comes with the answer of the person
        theirs = self._describe_theirs(slot, period, current)
        is_unusual = "unusual" in answer
        message = answer["unusual" if is_unusual else "error"]
        found = {"message": message, "theirs": theirs, "unusual": is_unusual}
        return {"state": "conflict", **found}

    def _store_photo(self, content):
        """The photo of an entry as a file of the user: a fault, or a record."""
        files = self.env["ir.attachment"]
        kind = PHOTO_TYPES.get(guess_mimetype(content))
        if len(content) > MOST_PHOTO_BYTES:
            return self.env._("The photo is too large. Take a smaller one."), files
        if not kind:
            return self.env._("This file is not a photo."), files
        try:
            file = files.create(
                {
                    "name": f"{self.env._('Photo')}.{kind}",
                    "raw": content,
                    "res_model": "kpi.value.entry",
                    "res_id": 0,
                }
            )
        except UserError as error:  # too many pixels
            return str(error), files
        return "", file

    def _find_report(self, data):
        everything = self.env["kpi.report"].with_context(active_test=False)
        report = everything.search([("id", "=", data.report_id)]).with_env(self.env)
        if not report:
            raise AccessError(self.env._("You no longer have access to this KPI."))
        report._check_in_use()
        return report

    def _write_typed(self, value):
        """A number as the user would type it."""
        if value is None or isinstance(value, str):
            return value or ""
        text = format(Decimal(repr(value)), "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        lang = self.env["res.lang"]._get_data(code=self.env.user.lang)
        return text.replace(".", lang.decimal_point or ".")

    def _describe_theirs(self, slot, period, current):
        report, contributor = slot
        found = self.env["kpi.submission"]._find_slots([(report, period)])
        rows = found.get((report.id, period.start, contributor.id))
        latest = rows[-1:] if rows else self.env["kpi.submission"]
        at = latest.submitted_at or latest.write_date
        return {
            **{name: current[name] for name in CELL},
            # Who sees a value sees who entered it.
            "by": latest.sudo().entered_by_id.name or "",
            "at": at and fields.Datetime.to_string(at),
        }

    def _take_note(self, _item, data):
        self.env["kpi.annotation"].create(
            {
                "report_id": self._find_report(data).id,
                "date": fields.Date.to_date(data.period),
                "text": data.text,
            }
        )
        return {"state": "done"}

    def _find_alerts(self, data):
        asked = [data.event_id, *data.event_ids]
        events = self.env["kpi.alert.event"].search([("id", "in", asked)])
        if not events:
            raise UserError(self.env._("This alert no longer exists."))
        return events

    def _take_acknowledge(self, _item, data):
        return _say_done(self._find_alerts(data).action_acknowledge())

    def _take_snooze(self, _item, data):
        try:
            until = datetime.fromisoformat(data.until.replace("Z", "+00:00"))
        except ValueError:
            raise UserError(self.env._("Choose a future time.")) from None
        if until.tzinfo:
            until = until.astimezone(timezone.utc).replace(tzinfo=None)
        if until <= fields.Datetime.now():
            message = self.env._("The snooze time has passed.")
            return {"state": "done", "message": message}
        return _say_done(self._find_alerts(data).action_snooze(until))


def _say_done(answer):
    """:param answer: True, or a notification of who was first"""
    params = answer.get("params", {}) if isinstance(answer, dict) else {}
    return {"state": "done", "message": params.get("message", "")}
