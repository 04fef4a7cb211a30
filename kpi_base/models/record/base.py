import base64
import json
import os
import re
from collections import defaultdict
from contextvars import ContextVar
from datetime import UTC, timedelta
from itertools import count
from math import inf
from typing import NamedTuple

from psycopg2.errors import LockNotAvailable

from odoo import Command, api, models
from odoo.api import NewId
from odoo.exceptions import (
    AccessError,
    LockError,
    MissingError,
    UserError,
    ValidationError,
)
from odoo.fields import Datetime, Domain
from odoo.tools import SQL, clean_context, mute_logger

from ...engine.nesting import is_too_deep
from ...engine.postgres import is_storable
from ...engine.whole_name import (
    CONTAINED,
    EQUAL,
    MAX_LENGTH,
    has_name,
    is_part,
    list_patterns,
)
from ...failure import is_disk_full
from ...names import get_name_domain
from ...picture_size import check_picture_size
from ...schemas.base import MAX_ID

LOCK_WAIT = "1s"  # that people wait for others who change the same records
# Characters of texts that people write, where a field has no size of its own. An index
# takes no more than the first, as REST does.
MAX_NAME = 200
MAX_CHAR = 10_000  # domains among them
MAX_TEXT = 100_000
MAX_HTML = 1_000_000  # with pictures that were pasted
MAX_COMPUTED = 1_000_000
MAX_NUMBER = 1e300  # which can still be multiplied to be rounded
NUMBER_TYPES = ("float", "monetary")
TEXT_TYPES = ("char", "html", "text")
TITLES = ("name", "subject", "title")
NAMES = ("code", "name", "subject", "title")
# Records that one search by a whole name looks at. The parts that it finds by leave a
# few; more than these share a part, such as a person's name.
MAX_NAMED = 10_000
# While an import tries records: record → why a check refuses it.
REFUSED_RECORDS = ContextVar("refused_records", default=None)


def find_heirs(env, mixin):
    """An empty recordset of each model that inherits a mixin, in the order of names."""
    names = env.registry.descendants([mixin], "_inherit")
    return [env[name] for name in sorted(names) if not env[name]._abstract]


def name_heirs(env, mixin):
    """Choices of a selection: name and words of each model that inherits a mixin."""
    # What a kind of records is called is no secret.
    kinds = env["ir.model"].sudo()
    return [(one._name, kinds._get(one._name).name) for one in find_heirs(env, mixin)]


def arrays_sql(model, columns):
    """SQL of an array of each column, as ``unnest`` takes them.

    :param columns: dict name → list of its values, as the database takes them
    """
    arrays = []
    for name, values in columns.items():
        kind, count = SQL(model._fields[name].column_type[0]), len(values)
        if count > 1 and values.count(values[0]) == count:
            # PostgreSQL parses each element that is written out.
            arrays.append(SQL("array_fill(%s::%s, ARRAY[%s])", values[0], kind, count))
        else:
            arrays.append(SQL("%s::%s[]", values, kind))
    return SQL(", ").join(arrays)


def count_rows_of(env, tables):
    """Have PostgreSQL count tables that it believes empty, and are not.

    It has never counted tables that were just filled, or did while a transaction filled
    them: a run that takes seconds takes minutes then. Later changes are seen by
    autovacuum.
    """
    rows = env.execute_query(
        SQL(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s)"
            " AND relnamespace = current_schema()::regnamespace"
            " AND (reltuples < 0 OR reltuples = 0 AND pg_relation_size(oid) > 0)",
            [*tables],
        )
    )
    for (table,) in rows:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


def insert_sql(model, columns):
    """SQL that inserts rows, given as ``arrays_sql`` takes them."""
    return SQL(
        "INSERT INTO %s (%s) SELECT * FROM unnest(%s)",
        SQL.identifier(model._table),
        SQL(", ").join(map(SQL.identifier, columns)),
        arrays_sql(model, columns),
    )


class Choice(NamedTuple):
    """Records of ``model`` that are chosen for the field ``name`` of records."""

    records: models.BaseModel
    values: dict
    name: str
    model: str
    ids: set

    def is_known(self, ids):
        """Check whether the field holds these already, or would if nobody chose."""
        records = self.records.with_context(active_test=False)
        known = [{self.name: record[self.name]} for record in records]
        if not known:
            plain = records.env(context=clean_context(records.env.context))
            known = [records.with_env(plain).default_get([self.name])]
        return all(
            any(ids <= choice.ids for choice in list_choices(records, values))
            for values in known
        )


def _read_ids(value, is_form=False):
    """Ids in what names one record; none where that is not stored.

    :param is_form: it may be a form, as that around a line
    :raises ValueError: Odoo or the database would fail on it
    """
    if isinstance(value, models.BaseModel):
        return set(value.ids)
    if is_form and isinstance(value, dict):
        value = value.get("id") or NewId()
    if isinstance(value, NewId):
        return {value.origin} - {None}
    if type(value) is int and 0 < value <= MAX_ID:
        return {value}
    raise ValueError(value)


def _read_commands(value, is_form=False):
    """Pairs of ids, as above, of all that is put on a list, and of values for them.

    :param is_form: nothing but commands, as Odoo's forms read them
    """
    for command in value.ids if isinstance(value, models.BaseModel) else value:
        match command:
            case [Command.CREATE, _, dict() as values]:
                yield set(), values
            case [Command.UPDATE, one, dict() as values] if "id" not in values:
                yield _read_ids(one), values
            case [Command.DELETE | Command.UNLINK | Command.LINK, one, *_]:
                yield _read_ids(one), {}
            case [Command.SET, _, several]:
                yield set().union(*map(_read_ids, several)), {}
            case [Command.CLEAR, *_]:
                pass
            case _ if is_form:
                raise ValueError(command)
            case _:
                yield _read_ids(command), {}


def list_choices(records, values, is_form=False):
    """Yield each ``Choice`` in values as ``create`` and ``onchange`` take them.

    :raises UserError: a value names no records in a way that Odoo reads
    """
    env = records.env
    for name, value in values.items():
        field = records._fields.get(name)
        # many2one, many2one_reference, one2many, many2many
        if not field or "2" not in field.type or value in (None, False, ""):
            continue
        model = field.comodel_name
        if not model:
            default = env.context.get(f"default_{field.model_field}")
            model = values.get(field.model_field) or default
            model = model or records[:1][field.model_field]
        try:
            if field.type.endswith("2many"):
                chosen = list(_read_commands(value, is_form))
            else:
                chosen = [(_read_ids(value, is_form), value)]
                known = env[model]._fields.keys() if model in env else ()
                if isinstance(value, dict) and not value.keys() <= {*known}:
                    raise ValueError(value)
        except (TypeError, ValueError) as error:
            label = field._description_string(env)
            raise UserError(env._("“%s”: use record IDs.", label)) from error
        if model not in env:
            continue
        every = set().union(*(ids for ids, _parts in chosen))
        yield Choice(records, values, name, model, every)
        for ids, parts in chosen:
            if isinstance(parts, dict):
                yield from list_choices(env[model].browse(ids), parts, is_form)


def _find_unreadable(records):
    """Those that are there and that the user may not read."""
    try:
        return records - records._filtered_access("read")
    except MissingError:
        records = records.exists()
        return records - records._filtered_access("read")


def _note_refused(check, records, refused):
    """Ask a check about each of ``records`` where it refuses all together.

    :param refused: record → reason; it is added to
    """
    try:
        check(records)
    except ValidationError as error:
        if len(records) == 1:
            refused.setdefault(records, str(error))
            return
        known = len(refused)
        for record in records:
            if record not in refused:
                _note_refused(check, record, refused)
        if len(refused) == known:
            raise


class Base(models.AbstractModel):
    """Locks in words: Odoo's own refusal speaks of “a lock on records”.

    Of our models, what cannot be exported is technical: nobody is offered it for
    groups or filters of their own. And nobody points at what they may not see: related
    fields are read as superuser, and would show it. Texts and numbers of people have a
    limit.
    """

    _inherit = "base"

    @api.model
    def default_get(self, fields):
        # Defaults of other fields may look at it.
        context = self.env.context.items()
        given = {key[8:]: one for key, one in context if key.startswith("default_")}
        self._check_choices([(self.browse(), given)], given)
        return super().default_get(fields)

    # pylint: disable-next=missing-return  # Odoo's returns nothing
    def _validate_fields(self, field_names, excluded_names=()):
        """Where an import tries records, note each that is refused, and go on.

        Of many records a check names the first that it refuses; here each is asked by
        itself once it refuses all together. What only several records break ends the
        trial.
        """
        refused = REFUSED_RECORDS.get()
        if refused is None:
            super()._validate_fields(field_names, excluded_names)
            return
        names, excluded = set(field_names), set(excluded_names)
        for check in self._constraint_methods:
            watched = set(check._constrains)
            if names & watched and not excluded & watched:
                # As Odoo checks them.
                _note_refused(check, self.sudo(), refused)

    # pylint: disable-next=missing-return  # Odoo's returns nothing
    def _compute_display_name(self):
        """Dialogs and new rows without a name are called as their model, in words."""
        super()._compute_display_name()
        if self._name.startswith("kpi.") and not self._rec_name:
            for record in self.filtered(lambda one: one._transient or not one.id):
                record.display_name = self._get_model_words()

    def _get_model_words(self):
        # what a model is called is no secret
        return self.env["ir.model"]._get(self._name).sudo().name

    @api.model
    def _search_display_name(self, operator, value):
        """Find records by what their fields say, and by the whole name made of them.

        Odoo looks into one field after the other, so that nothing has the name that it
        is shown with itself. ``_rec_names_search`` names the texts that names are made
        of, by paths. Where a model has none, and no name that is stored, each is looked
        at.
        """
        if not self._name.startswith("kpi."):
            return super()._search_display_name(operator, value)
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented  # Odoo turns the answer to the opposite round
        names = self._rec_names_search or [self._rec_name]
        domain = Domain.FALSE
        if all(self._is_searchable(name) for name in names):
            domain = Domain(super()._search_display_name(operator, value))
        if domain.is_true() or not self._is_name_composed():
            return domain
        values = [value] if isinstance(value, str) else value or ()
        for text in values if operator in CONTAINED | EQUAL else ():
            if isinstance(text, str) and 0 < len(text) <= MAX_LENGTH:
                domain |= self._find_by_whole_name(operator, text)
        return domain

    @api.model
    def _is_searchable(self, path):
        """Check whether Odoo searches by what is at the end of ``path``."""
        field = self._fields.get(path.partition(".")[0]) if path else None
        return bool(field and (field.store or field.search))

    @api.model
    def _is_name_composed(self):
        """Check whether records are shown with something else than one stored field."""
        field = self._fields.get(self._rec_name)
        shown = self.pool.field_depends[self._fields["display_name"]]
        is_plain = field and (field.relational or field.type in (*TEXT_TYPES, "date"))
        return not (is_plain and field.store and {*shown} == {self._rec_name})

    @api.model
    def _find_by_whole_name(self, operator, text):
        """Domain of the records, among those the user may read, that are shown so."""
        parts = self._rec_names_search or [self._rec_name]
        domain = Domain.TRUE
        if all(self._is_searchable(path) for path in parts):
            domain = self._get_name_part_domain(parts, text)
        if domain.is_false():
            return domain
        found = self.with_context(active_test=False).search(
            domain, order="id desc", limit=MAX_NAMED
        )
        named = found.filtered(
            lambda each: has_name(operator, text, each.display_name or "")
        )
        return Domain("id", "in", named.ids)

    @api.model
    def _get_name_part_domain(self, paths, text):
        """Domain of what has a part of a whole name in one of its fields."""
        patterns = list_patterns(text)
        numbers = [int(word) for word in re.findall(r"\b\d{1,9}\b", text)]
        domain = Domain.FALSE
        for path in paths:
            model = self
            for name in path.split("."):
                field = model._fields[name]
                model = self.env.get(field.comodel_name)
            if field.type == "many2one":
                names = model._rec_names_search or [model._rec_name]
                names = [
                    f"{path}.{name}" for name in names if model._is_searchable(name)
                ]
                domain |= self._get_name_part_domain(names, text)
            elif field.type == "selection":
                labels = field._description_selection(self.env)
                keys = [
                    key for key, label in labels if is_part(text.lower(), label.lower())
                ]
                domain |= Domain(path, "in", keys)
            elif field.type == "integer":
                domain |= Domain(path, "in", numbers)
            elif field.type == "datetime":
                domain |= self._get_moment_domain(path, text)
            elif field.type in TEXT_TYPES:
                likes = (Domain(path, "=ilike", pattern) for pattern in patterns)
                domain |= Domain.OR(likes)
        return domain

    @api.model
    def _get_moment_domain(self, path, text):
        """Domain of a time that is shown in the user's time zone, to the second."""
        try:
            shown = Datetime.to_datetime(text)
        except ValueError:
            return Domain.FALSE
        utc = self.env.tz.localize(shown).astimezone(UTC).replace(tzinfo=None)
        until = utc + timedelta(seconds=1)
        return Domain(path, ">=", utc) & Domain(path, "<", until)

    def onchange(self, values, field_names, fields_spec):
        self._check_choices([(self, values, True)], field_names)
        return super().onchange(values, field_names, fields_spec)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(values) for values in vals_list]
        self._check_choices([(self.browse(), values) for values in vals_list])
        for values in vals_list:
            self._check_sizes(values.items())
        return super().create(vals_list)

    def write(self, vals):
        self._check_choices([(self, vals)], vals)
        self._check_sizes(vals.items())
        return super().write(vals)

    def _load_records_write(self, values):
        """Of what people import, write what differs.

        What was exported and comes back unchanged is no change: it is not refused where
        the record is settled, and nothing follows from it.
        """
        if self._name.startswith("kpi.") and not self.env.su:
            values = self._filter_changed(values)
            if not values:
                return
        super()._load_records_write(values)

    def _filter_changed(self, values):
        """Filter what a record does not hold, of values as imports write them."""
        changed = {}
        for name, value in values.items():
            field = self._fields.get(name)
            if field and field.type == "one2many" and value:
                value = self._filter_changed_lines(name, value)
                if not value:
                    continue
            elif field and self._holds(field, value):
                continue
            changed[name] = value
        return changed

    def _filter_changed_lines(self, name, commands):
        changed = []
        for command in commands:
            match command:
                case [Command.UPDATE, one, dict() as values] if one in self[name].ids:
                    values = self[name].browse(one)._filter_changed(values)
                    if values:
                        changed.append(Command.update(one, values))
                case [Command.LINK, one, *_] if one in self[name].ids:
                    pass
                case _:
                    changed.append(command)
        return changed

    def _holds(self, field, value):
        """Check whether the value of a field is this one already."""
        known = self[field.name]
        if field.type in TEXT_TYPES:
            return (value or "") == (known or "")
        try:
            cached = field.convert_to_cache(value, self, validate=False)
            return field.convert_to_record(cached, self) == known
        except (TypeError, ValueError):
            return False  # ``write`` says what is wrong

    def copy_data(self, default=None):
        """A copy is called one; where a name may be used once, by a free name.

        What the user may not see does not come along.
        """
        values_list = super().copy_data(default)
        # Lines that are copied with their record stay what they are.
        is_line = "__copy_data_seen" in self.env.context
        if is_line or not self._name.startswith("kpi."):
            return values_list
        given = [(self.browse(), values) for values in values_list]
        for choice, _ids in self._find_hidden_choices(given):
            choice.values.pop(choice.name, None)
        if "name" not in (default or {}) and self._is_name_unique():
            taken = set()
            for record, values in zip(self, values_list, strict=True):
                values["name"] = record._get_free_name(taken)
                taken.add(values["name"])
        elif (name := self._get_title_name()) and name not in (default or {}):
            for record, values in zip(self, values_list, strict=True):
                if record[name]:
                    length = MAX_NAME - len(self.env._("%s (copy)", ""))
                    values[name] = self.env._("%s (copy)", record[name][:length])
        return values_list

    @api.model
    def _get_title_name(self):
        """The field in which people enter what a record is called; None without one."""
        field = self._fields.get(self._rec_name or "")
        is_title = field and field.name in TITLES and field.type == "char"
        return field.name if is_title and field.required and field.copy else None

    @api.model
    def _is_name_unique(self):
        field = self._fields.get("name")
        return bool(field and field.store and field.copy) and any(
            isinstance(rule, models.UniqueIndex)
            and "name" in re.findall(r"\w+", rule.get_definition(self.pool) or "")
            for rule in self._table_objects.values()
        )

    def _get_free_name(self, taken):
        # A name that the user may not see is taken, too.
        everything = self.sudo().with_context(active_test=False)
        for number in count(1):
            name = self.env._("%s (copy)", self.name)
            if number > 1:
                name = self.env._(
                    "%(name)s (copy %(number)s)", name=self.name, number=number
                )
            if name not in taken and not everything.search_count(
                get_name_domain(name), limit=1
            ):
                return name

    def _update_field_translations(
        self, field_name, translations, digest=None, source_lang=""
    ):
        for given in translations.values():
            texts = given.values() if isinstance(given, dict) else [given]
            self._check_sizes((field_name, text) for text in texts)
        return super()._update_field_translations(
            field_name, translations, digest, source_lang
        )

    @api.model
    def _check_sizes(self, given):
        """Refuse texts of people that are too long, and numbers too large to round.

        :param given: pairs of a field's name and its value
        """
        if self.env.su or not self._name.startswith("kpi."):
            return
        for name, value in given:
            field = self._fields.get(name)
            if field and field.type in TEXT_TYPES:
                self._check_length(field, value)
            elif field and field.type == "json":
                self._check_json(field, value)
            elif field and field.type in NUMBER_TYPES:
                is_number = isinstance(value, float | int)
                if is_number and MAX_NUMBER < abs(value) < inf:
                    self._refuse_number(field._description_string(self.env))

    @api.model
    def _check_length(self, field, text):
        if not isinstance(text, str) or len(text) <= MAX_NAME:
            return  # which every field takes
        self._refuse_length(field, len(text))

    @api.model
    def _refuse_length(self, field, count):
        """Refuse more characters than a field takes from people."""
        limit = self._get_max_length(field)
        if count > limit:
            raise UserError(
                self.env._(
                    "“%(field)s” is too long: %(count)s characters. Enter at most"
                    " %(limit)s.",
                    field=field._description_string(self.env),
                    count=count,
                    limit=limit,
                )
            )

    @api.model
    def _check_json(self, field, value):
        """Refuse JSON that is long or deep, or that the database does not hold."""
        label, text = field._description_string(self.env), ""
        if is_too_deep(value):
            raise UserError(self.env._("“%s” is nested too deeply.", label))
        try:
            text = json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("“%s” is not valid JSON.", label)) from error
        self._refuse_length(field, len(text))
        if not is_storable(value):
            raise UserError(
                self.env._("“%s” contains a value that is not valid in JSON.", label)
            )

    def _refuse_number(self, label):
        raise UserError(self.env._("“%s”: the number is too large.", label))

    @api.model
    def _search(self, domain, *args, **kwargs):
        try:
            return super()._search(domain, *args, **kwargs)
        except OverflowError:
            if self._name.startswith("kpi."):
                self._refuse_number(self._get_model_words())
            raise

    @api.model
    def _get_max_length(self, field):
        """Characters that a text field takes from people."""
        if getattr(field, "size", None):
            return field.size
        is_name = field.name in NAMES or field.index or self._is_indexed(field)
        if field.type == "char" and is_name:
            return MAX_NAME
        if field.type == "html":
            return MAX_HTML
        if field.readonly or field.compute:
            return MAX_COMPUTED
        return MAX_TEXT if field.type in ("text", "json") else MAX_CHAR

    @api.model
    def _is_indexed(self, field):
        """Check whether an index of several columns, or of some rows, has the field."""
        return any(
            field.name in re.findall(r"\w+", rule.get_definition(self.pool) or "")
            for rule in self._table_objects.values()
            if not isinstance(rule, models.Constraint)
        )

    def _check_choices(self, given, changed=()):
        """Refuse what the user may not see and its field does not hold already.

        :param changed: names of fields that the user changes; what was computed for
            others comes along, and is computed again
        """
        for choice, ids in self._find_hidden_choices(given):
            field = choice.records._fields[choice.name]
            if choice.is_known(ids):
                continue
            if not field.compute or choice.name in changed:
                label = field._description_string(self.env)
                raise AccessError(
                    self.env._(
                        "You are not allowed to access the record chosen for “%s”.",
                        label,
                    )
                )
            del choice.values[choice.name]

    @api.model
    def _find_hidden_choices(self, given):
        """Find what is chosen that the user may not see: one check per model.

        :param given: arguments of ``list_choices``
        :return: pairs of a ``Choice`` and the ids that are hidden
        """
        if self.env.su or not self._name.startswith("kpi."):
            return []
        choices = [choice for each in given for choice in list_choices(*each)]
        chosen = defaultdict(set)
        for choice in choices:
            chosen[choice.model] |= choice.ids
        hidden = {}
        for model, ids in chosen.items():
            unseen = _find_unreadable(self.env[model].browse(ids))
            if unseen:  # it may be seen in another of the user's companies
                everywhere = {"allowed_company_ids": self.env.user.company_ids.ids}
                unseen = _find_unreadable(unseen.with_context(**everywhere))
            hidden[model] = set(unseen.ids)
        return [
            (choice, ids)
            for choice in choices
            if (ids := choice.ids & hidden[choice.model])
        ]

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        described = super().fields_get(allfields, attributes)
        if self._name.startswith("kpi."):
            for name, description in described.items():
                if not self._fields[name].exportable:
                    hidden = {"groupable", "searchable"} & description.keys()
                    description.update(dict.fromkeys(hidden, False))
        return described

    @api.private
    def lock_for_update(self, *, allow_referencing=False):
        try:
            return super().lock_for_update(allow_referencing=allow_referencing)
        except LockError as error:
            if self._name.startswith("kpi.") and self._await_lock(allow_referencing):
                return None
            raise LockError(
                self.env._(
                    "Someone else is changing this record (%s). Reload and try again.",
                    self._get_model_words(),
                )
            ) from error

    def _await_lock(self, allow_referencing):
        """Wait shortly for others who hold these rows; whether they are locked now.

        Where others changed a row, this transaction fails with 40001 and is run again.
        """
        cr = self.env.cr
        cr.execute("SHOW lock_timeout")
        (before,) = cr.fetchone()
        lock = SQL("FOR NO KEY UPDATE" if allow_referencing else "FOR UPDATE")
        rows = SQL(
            "SELECT id FROM %s WHERE id = ANY(%s)",
            SQL.identifier(self._table),
            self.ids,
        )
        try:
            with mute_logger("odoo.sql_db"), cr.savepoint(flush=False):
                # A request that may wait less than that waits as long as it may.
                wait = LOCK_WAIT if before == "0" else before
                cr.execute(SQL("SET LOCAL lock_timeout = %s", wait))
                cr.execute(SQL("%s ORDER BY id %s", rows, lock))
                is_locked = cr.rowcount == len(self)
                cr.execute(SQL("SET LOCAL lock_timeout = %s", before))
        except LockNotAvailable:
            return False
        return is_locked


class IrAttachment(models.Model):
    """Files that found no room leave nothing: Odoo would take the rest for the file.

    Pictures of our records are refused by their header before Odoo opens them.
    """

    _inherit = "ir.attachment"

    def _postprocess_contents(self, values):
        model = values.get("res_model") or self[:1].res_model or ""
        if model.startswith("kpi."):
            content = values.get("raw") or base64.b64decode(values.get("datas") or b"")
            if isinstance(content, bytes):  # else a text
                check_picture_size(self.env, content)
        return super()._postprocess_contents(values)

    @api.model
    def _file_write(self, bin_value, checksum):
        try:
            return super()._file_write(bin_value, checksum)
        except OSError as error:
            if is_disk_full(error):
                self._remove_unfinished(bin_value, checksum)
            raise

    @api.model
    def _remove_unfinished(self, bin_value, checksum):
        path = self._full_path(f"{checksum[:2]}/{checksum}")
        if os.path.isfile(path) and os.path.getsize(path) != len(bin_value):
            os.unlink(path)
