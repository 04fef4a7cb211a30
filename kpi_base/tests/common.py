"""Helpers for the tests of several addons."""

import csv
import io
import os
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

from odoo import fields, models
from odoo.tests import freeze_time
from odoo.tools import mute_logger

# ``setup/test --long``
LONG = "KPI_LONG" in os.environ


def is_in_sample(name, share=3):
    """Check whether one in ``share`` names, chosen by their hash, is this one.

    The same on every day and machine; always in long tests.
    """
    return LONG or _number(name) % share == 0


def some_of(values, name, share=3):
    """Every ``share``-th of a sequence, at least one; all in long tests.

    :param name: of what the values are tried for; its hash says where to begin, so that
        others are tried for another name
    """
    if LONG or not values:
        return values
    share = min(share, len(values))
    return values[_number(name) % share :: share]


def read_sample(file, column, always=(), share=10):
    """Read a CSV file with some of its rows; with all in long tests.

    :param column: title of the column by which rows are chosen
    :param always: what stands there in rows that are never left out
    :return: text with the titles in the first line
    """
    text = file.read_text(encoding="utf-8")
    if LONG:
        return text
    rows = csv.DictReader(io.StringIO(text, newline=""))
    sample = io.StringIO(newline="")
    writer = csv.DictWriter(sample, rows.fieldnames)
    writer.writeheader()
    for row in rows:
        if row[column] in always or is_in_sample(row[column], share):
            writer.writerow(row)
    return sample.getvalue()


def _number(name):
    """A number that is the same in each process, other than Python's own hash."""
    return int(sha256(name.encode()).hexdigest(), 16)


def find_model_of(view, node):
    """The model of a node of a view: of the records of a field, where it is in one.

    :return: an empty recordset; None where a field around the node has no records
    """
    model = view.env[view.model]
    for parent in reversed([*node.iterancestors("field")]):
        field = model._fields.get(parent.get("name"))
        if not field or not field.relational:
            return None
        model = view.env[field.comodel_name]
    return model


def run_cron(case, xml_id):
    """Run a cron as Odoo does, its commits within the transaction of ``case``."""
    # Crons are the administrators'.
    cron = case.env.ref(xml_id).sudo()
    with case.enter_registry_test_mode(), mute_logger("odoo.sql_db"):
        cron.method_direct_trigger()
    case.env.invalidate_all()


class WalkJob(models.Model):
    """A kind of job as an addon adds it: three steps."""

    _name = "kpi.job"
    _module = None
    _inherit = ["kpi.job"]

    kind = fields.Selection(
        selection_add=[("walk", "Walk")], ondelete={"walk": "cascade"}
    )

    def _run_walk(self):
        return self._run_steps(self._take_step, [()] * (3 - self.step_done_count))

    def _take_step(self):
        """Step that tests replace."""


class ClockMixin:
    """Python's clock and PostgreSQL's stop together.

    ``@freeze_time(moment)`` on the class does it for all tests, ``_at`` for a block.
    ``freeze_time`` alone leaves ``now()`` of the engine's SQL running: what is tested
    then depends on the day it is tested.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.freeze_time:
            cls._set_database_clock(datetime.now())

    @classmethod
    def _set_database_clock(cls, moment):
        """Put a ``now()`` that stands at ``moment`` (UTC) before PostgreSQL's own."""
        cls.cr.execute(
            """
            CREATE SCHEMA IF NOT EXISTS kpi_clock;
            CREATE OR REPLACE FUNCTION kpi_clock.now() RETURNS timestamptz
                   LANGUAGE sql STABLE
                AS $$ SELECT current_setting('kpi.now')::timestamptz $$;
            SET search_path = kpi_clock, pg_catalog, public;
            SELECT set_config('kpi.now', %s, false)
            """,
            (f"{moment}+00",),
        )

    @contextmanager
    def _at(self, moment):
        """Let both clocks stand at ``moment`` (UTC)."""
        self.cr.execute(
            "SELECT current_setting('search_path'), current_setting('kpi.now', true)"
        )
        path, before = self.cr.fetchone()
        self._set_database_clock(moment)
        with freeze_time(moment):
            yield
        self.cr.execute(
            "SELECT set_config('search_path', %s, false),"
            " set_config('kpi.now', %s, false)",
            (path, before),
        )


def add_model(case, definition):
    """Add a model to the registry, with its table, until the tests of a class end.

    ::

        @classmethod
        def setUpClass(cls):
            super().setUpClass()

            class Visit(models.Model):
                _module, _name, _description = None, "kpi.test.visit", "Visit"

            add_model(cls, Visit)

    A definition that inherits from its own name extends that model meanwhile; what is
    stored in new fields of it has no columns.
    """
    (model,) = add_models(case, definition)
    return model


def add_models(case, *definitions):
    """Add models that refer to one another; see ``add_model``."""
    registry, cr = case.registry, case.env.cr
    names = [definition._name for definition in definitions]
    known = {name: registry[name]._base_classes__ for name in names if name in registry}
    models = [_register(registry, definition) for definition in definitions]
    _set_up(registry, cr, names)
    case.addClassCleanup(_set_up, registry, cr, list(known))
    for name, model, definition in zip(names, models, definitions, strict=True):
        if name in known:
            case.addClassCleanup(setattr, model, "_base_classes__", known[name])
            continue
        case.addClassCleanup(registry.models.pop, name)
        for parent in ("base", *definition._inherit):
            children = registry[parent]._inherit_children
            case.addClassCleanup(children.discard, name)
    _make_tables(registry, cr, [model for model in models if model._name not in known])
    return models


def make_models(env, *definitions):
    """Add models for all tests of this process, in ``prepare_database``, unless another
    case has.

    None may extend a model of ours: classes that know nothing of it would find what it
    adds.
    """
    new = [each for each in definitions if each._name not in env.registry]
    if new:
        models = [_register(env.registry, each) for each in new]
        _set_up(env.registry, env.cr, [each._name for each in new])
        _make_tables(env.registry, env.cr, models)


def open_models(case, *names):
    """Let everybody do everything with these models; record rules can be added."""
    rights = ("perm_read", "perm_write", "perm_create", "perm_unlink")
    case.env["ir.model.access"].sudo().create(
        [
            {
                "name": name,
                "model_id": case.env["ir.model"]._get_id(name),
                **dict.fromkeys(rights, True),
            }
            for name in names
        ]
    )


def _register(registry, definition):
    # Odoo wants no addon to import its ORM as a whole; its own tests do it here.
    from odoo.orm.model_classes import add_to_registry

    return add_to_registry(registry, definition)


def _set_up(registry, cr, names):
    """Set up models, and nothing else: where the registry counts as changed, all are
    set up again when the class ends.
    """
    was_invalidated = registry.registry_invalidated
    registry._setup_models__(cr, names)
    registry.registry_invalidated = was_invalidated


def _make_tables(registry, cr, models):
    stored = [model._name for model in models if not model._abstract]
    if stored:
        registry.init_models(cr, stored, {})
