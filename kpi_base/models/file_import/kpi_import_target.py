from contextlib import contextmanager
from io import StringIO
from operator import itemgetter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from ...engine.postgres import copy_line
from ...engine.tabular import Amount, fold_units
from ...formatting import format_number
from ...repeat import LATE
from ...row_reasons import RefusedRow
from ..record.base import REFUSED_RECORDS

MOST_UNKNOWN = 20  # names that a page lists
MOST_DUPLICATES = 4  # rows that a reason names


class KpiImportTarget(models.AbstractModel):
    """Kind of record that files can be imported as; an addon inherits this for its own.

    It says what columns there are, turns entries into rows of a staging table
    (resolving references in bulk), and writes what is staged. It asks for what it needs
    to know beside the columns; the form draws that, and the run has it::

        def _options(self, job):
            return [TargetOption("creates_orders", self.env._("Create Missing Orders"))]

        def _build_staging_rows(self, run, entries):
            may_create = run.options["creates_orders"]

    Add the model's name to ``target_model`` of ``kpi.import.options``.
    """

    _name = "kpi.import.target"
    _description = "Import Target"

    # Columns of the staging table beside the row number, and which of them form the
    # key of a record: a file may say each record once.
    _staging_table = "kpi_import_staging"
    _staging = {}
    _staging_key = ()
    _key_columns = ()  # that tell records apart; default: those of ``_staging_key``
    _tried_at_once = 500  # items of ``_list_tried``: a second or two

    @api.model
    def _columns(self):
        """The ``TargetColumn`` that rows can fill."""
        raise NotImplementedError

    @api.model
    def _options(self, job):
        """The ``TargetOption`` that the form of ``job`` asks for."""
        return []

    @api.model
    def _list_units(self, job):
        """Units of records, next to currencies, that numbers ``has_units`` may have."""
        return []

    @api.model
    def _note(self):
        """Return a sentence to read before choosing a file; empty if there is none."""
        return ""

    @api.model
    def _choices(self, model, name):
        """Text → key of a selection field, by the key and by its name."""
        field = self.env[model]._fields[name]
        return {
            text.casefold(): key
            for key, label in field._description_selection(self.env)
            for text in (key, label)
        }

    @api.model
    def _is_named_by_titles(self, job, titles):
        """Check whether titles of columns that have ``named_by`` name records."""
        return False

    @api.model
    def _get_title_key(self, job, titles, keys):
        """Key of the column whose names are titles of columns with ``named_by``.

        :param keys: as of ``_find_named_titles``
        """
        return next(one.named_by for one in self._columns() if one.named_by)

    @api.model
    def _find_named_titles(self, job, titles, keys):
        """Find those of ``titles`` of columns with ``named_by`` that name a record.

        :param keys: of the columns that are something; one of them may name records
        :return: title → name, which is the title, or the title without its unit
        """
        return {}

    @api.model
    def _is_combining(self, options):
        """Check whether several rows may make one record, by the options chosen."""
        return False

    @api.model
    def _list_combined(self, run):
        """Records that several rows make, while they are staged.

        :return: titles of amounts, and the number of these records; of the first ones
            the name, numbers of rows, and amounts, None where there is none
        """
        return [], 0, []

    @api.model
    def _suggest_choices(self, run):
        """``(key of an option, value, rows)``: choices by which rows are accepted."""
        return []

    @api.model
    def _missing(self, job, keys):
        """Questions to ask because of what no column is.

        :param keys: of the columns that are something
        """
        named = {key for key, _name in job._read_titles().values()}
        return [
            self.env._("Choose which column is “%s”.", column.label)
            for column in self._columns()
            if column.is_required and column.key not in keys | named
        ]

    @api.model
    def _build_staging_rows(self, run, entries):
        """Tuples ``(row number, *_staging)`` of ``entries``, references resolved.

        What cannot be imported is refused with ``run.refuse``.
        """
        raise NotImplementedError

    @api.model
    def _name_records(self, run, entries):
        """Name what each of ``entries`` goes to; None where its row is refused.

        Nothing is written; empty where the preview has no column for it.
        """
        return []

    @api.model
    def _suggest_texts(self, run):
        """``(key of a column, text, other text, rows)``: what might have been meant.

        Each is offered as a fix of the check; none is read so without being chosen.
        """
        return []

    @api.model
    def _list_unknown(self, run):
        """``(key of a column, text, rows, names)`` for which rows are refused.

        ``names`` are those that are nearest, each as ``(text, label)``: the page
        offers to read the text as one of them, in all its rows.
        """
        found = sorted(run.unknown.items(), key=lambda each: -len(each[1]))
        return [
            (key, text, len(numbers), self._find_meant(run, key, text))
            for (key, text), numbers in found[:MOST_UNKNOWN]
        ]

    @api.model
    def _find_meant(self, run, key, text):
        """``(text, label)`` of those that a text names, or else of the nearest."""
        index, is_usable = self._get_names(run, key)
        same = index.find(text, is_usable)
        if same:
            return index.describe(same)
        return index.find_nearest(text, is_usable)

    @api.model
    def _make_names(self, job, key):
        """What a column names: a ``NameIndex``, and which of its records rows may name.

        None for other columns.
        """
        return None

    @api.model
    def _get_names(self, run, key):
        """As ``_make_names``, made once for a file."""
        return run.keep((self._name, key), lambda: self._make_names(run.job, key))

    @api.model
    def _find_named_ids(self, run, entries, key):
        """Text of the file → ids of the records that it names, found at once."""
        index, is_usable = self._get_names(run, key)
        texts = {entry.values.get(key) for entry in entries} - {None, ""}
        return index.find_ids(texts, is_usable)

    @api.model
    def _find_helpful_options(self, run, options):
        """Those of ``options``, which are off, by which rows may be accepted."""
        return options

    @api.model
    def _search_names(self, job, key, term, limit):
        """``(text, label)`` of what a column may name, by a part of the name."""
        names = self._make_names(job, key)
        return names[0].search(term, limit, names[1]) if names else []

    @api.model
    def _find_staged_ranges(self):
        """Number the rows that are staged: ``[first, last]`` of those in sequence.

        :return: the ranges in order, and how many rows they have
        """
        ranges = self.env.execute_query(
            SQL(
                """
                SELECT min(number), max(number), count(*)
                  FROM (
                        SELECT number, number - row_number() OVER (ORDER BY number)
                               AS island
                          FROM (SELECT DISTINCT number FROM %s) AS staged
                       ) AS numbered
              GROUP BY island
              ORDER BY 1
                """,
                SQL.identifier(self._staging_table),
            )
        )
        return (
            [[first, last] for first, last, _count in ranges],
            sum(count for _first, _last, count in ranges),
        )

    @api.model
    def _counts(self, run):
        """Count the records that would be new, changed and the same as before."""
        raise NotImplementedError

    @api.model
    def _store(self, run):
        """Write what is staged; yields after each part that can be committed.

        :return: how many rows each part has
        """
        raise NotImplementedError

    @api.model
    def _choose_named(self, ids, key, text, is_created=False):
        """Id of the record that a row names; the name where it is to be created.

        :param ids: of the records that may be meant
        :param key: of the column
        :raises RefusedRow: there is none, or several
        """
        if len(ids) == 1:
            return next(iter(ids))
        if not ids and is_created:
            return text
        label = next(each.label for each in self._columns() if each.key == key)
        why = self.env._("found more than once") if ids else self.env._("not found")
        reason = self.env._(
            "%(label)s “%(text)s”: %(why)s.", label=label, text=text, why=why
        )
        raise RefusedRow([(reason, (key,))], [(key, text)])

    @api.model
    def _check_currency(self, amount, currency):
        """Refuse an amount in another unit than the currency: nothing is converted.

        :param amount: a number; an ``Amount`` where it has units
        :raises UserError: it names the unit
        """
        own = fold_units([currency.name, currency.symbol])
        units = amount.units if isinstance(amount, Amount) else ()
        if not own.issuperset(map(str.casefold, units)):
            raise UserError(
                self.env._(
                    "%(amount)s is in %(unit)s, not in %(currency)s. Convert the "
                    "value.",
                    amount=format_number(self.env, amount, currency.decimal_places),
                    unit=" ".join(units),
                    currency=currency.name,
                )
            )

    @api.model
    def _describe_added(self, count):
        """Say how many records are new, by their name."""
        return self.env._("%s new", count)

    @api.model
    def _find_imported_ids(self, run):
        """Ids of what the import wrote to, for ``_action_open``; empty: not known."""
        return []

    @api.model
    def _build_created_text(self, run):
        """List in words what else is created; empty if nothing is."""
        return ""

    @api.model
    def _action_open(self, job):
        """The action that shows what was imported."""
        raise NotImplementedError

    @api.model
    def _create_staging(self):
        columns = [
            SQL("%s %s", SQL.identifier(name), SQL(kind))
            for name, kind in self._staging.items()
        ]
        self.env.cr.execute(
            SQL(
                "DROP TABLE IF EXISTS %(staging)s;"
                " CREATE TEMPORARY TABLE %(staging)s"
                " (number integer NOT NULL, %(rest)s)",
                staging=SQL.identifier(self._staging_table),
                rest=SQL(", ").join(columns),
            )
        )

    @api.model
    def _stage(self, run, entries):
        """Stage those of ``entries`` whose rows are not refused."""
        known = set(run.refusals)
        rows = self._build_staging_rows(run, entries)
        lines = [copy_line(row) for row in rows if row[0] not in run.refusals]
        self.env.cr._obj.copy_expert(
            f"COPY {self._staging_table} FROM STDIN", StringIO("".join(lines))
        )
        run.refused_by_target |= run.refusals.keys() - known

    @api.model
    def _refuse_duplicates(self, run):
        """Refuse all rows that say the same record: which one is right is unknown."""
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(self._staging_table)))
        groups = self.env.execute_query(
            SQL(
                """
                SELECT array_agg(number ORDER BY number)
                  FROM %(staging)s
              GROUP BY %(key)s
                HAVING count(*) > 1
              ORDER BY min(number)
                """,
                staging=SQL.identifier(self._staging_table),
                key=SQL(", ").join(map(SQL.identifier, self._staging_key)),
            )
        )
        for (numbers,) in groups:
            same = sorted(set(numbers))
            run.duplicates.update(same)
            for number in same:
                others = [one for one in same if one != number]
                reason = self._get_duplicate_message(others)
                run.refuse(number, reason, self._key_columns or self._staging_key)

    @api.model
    def _get_duplicate_message(self, others):
        """
        :param others: numbers of the rows that say the same record
        """
        if not others:
            return self.env._(
                "Several columns are for the same period. Import only one."
            )
        if len(others) == 1:
            return self.env._("Row %s is a duplicate. Remove one of them.", *others)
        return self.env._(
            "Rows %s are duplicates. Remove all but one.",
            ", ".join(map(str, others[:MOST_DUPLICATES])),
        )

    @api.model
    def _list_tried(self, run):
        """Items that only the records themselves can judge: (number of a row, …)."""
        return []

    @api.model
    def _write_tried(self, run, items):
        """Write some of ``_list_tried`` with all that they need; it is taken back.

        :return: record → numbers of the items that it is written for, of all records
            whose checks are to be told by row at once; without it, rows that records
            refuse are looked for by halves
        """
        raise NotImplementedError

    @api.model
    def _refuse_tried(self, run, item, reason):
        """Refuse the rows of an item that cannot be written."""
        run.refuse(item[0], reason)

    @api.model
    def _refuse_unwritable(self, run, after=0):
        """Have the records judge what is staged, some rows at a time.

        Nothing of one part is left for the next: an import of any length can stop
        after each, and another run goes on behind that row.

        :param after: number of the last row that was tried by an earlier run
        :return: number of the last row of each part, after it was tried
        """
        items = [item for item in self._list_tried(run) if item[0] > after]
        items.sort(key=itemgetter(0))
        for part in split_every(self._tried_at_once, items):
            refused = self._find_refused(
                part, lambda some: self._write_tried(run, some)
            )
            for item, reason in refused:
                self._refuse_tried(run, item, reason)
            yield part[-1][0]

    @api.model
    def _find_refused(self, items, write):
        """``(item, reason)`` of those that ``write``, tried on lists of them, refuses.

        One trial finds all that checks of the records refuse; what is refused besides
        is looked for by halves. Nothing that was tried is left.
        """
        if not items:
            return
        found, reason = self._try_items(items, write)
        for item in items:
            if item[0] in found:
                yield item, found[item[0]]
        if not reason:
            return
        if len(items) == 1:
            yield items[0], reason
            return
        left = [item for item in items if item[0] not in found]
        if found:
            yield from self._find_refused(left, write)
            return
        middle = len(left) // 2
        yield from self._find_refused(left[:middle], write)
        yield from self._find_refused(left[middle:], write)

    @api.model
    def _try_items(self, items, write):
        """Try ``write`` on items, and take it back.

        :return: number of an item → why checks of its records refuse it; the reason
            why the others cannot be written, empty if they can
        """
        refused, written, reason = {}, None, ""
        with self._undone():
            token = REFUSED_RECORDS.set(refused)
            try:
                written = write(items)
                self.env.flush_all()
            except UserError as error:
                reason = str(error)
            except LATE:
                raise
            except Exception:
                # What a check refused can be more than what follows it copes with.
                if not refused:
                    raise
                reason = next(iter(refused.values()))
            finally:
                REFUSED_RECORDS.reset(token)
        found = {}
        for record, why in refused.items():
            if record not in (written or ()):
                return {}, reason or why
            for number in written[record]:
                found.setdefault(number, why)
        return found, reason

    @api.model
    def _refusal(self, items, write):
        """Find the reason why ``write`` refuses ``items``; empty if it does not."""
        found, reason = self._try_items(items, write)
        return next(iter(found.values()), reason)

    @contextmanager
    def _undone(self):
        """Take back whatever is written inside."""
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    @api.model
    def _drop_refused(self, run):
        """Drop also what was staged of a row before another part of it was refused."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE number = ANY(%s)",
                SQL.identifier(self._staging_table),
                list(run.refusals),
            )
        )
