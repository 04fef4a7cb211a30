"""Lets the pure packages of the addons be tested without Odoo.

``kpi_tracking/tests/engine/test_x.py`` imports ``...engine``: Python would run
``kpi_tracking/__init__.py`` first, which imports Odoo. An empty package of that name,
with the same folder, is put in its place.

An addon's pure code imports another's as ``odoo.addons.kpi_base.engine.periods``:
``odoo`` and ``odoo.addons`` are empty packages then, in which nothing but our addons is
found, and both names lead to one module. Tests below ``tests/`` get the real Odoo, so
they need a run of their own.

With the Odoo plug-in addons are imported as ``odoo.addons.<name>`` and nothing is
replaced.
"""

import hashlib
import importlib
import inspect
import os
import sys
from contextlib import contextmanager
from datetime import date
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

ROOT = Path(__file__).parent
PREFIX = "odoo.addons."
PREPARE_ERRORS = pytest.StashKey[dict]()


def pytest_configure(config):
    if config.pluginmanager.hasplugin("odoo"):
        return
    # Verdicts do not depend on how long something took, as the machine may be busy.
    hypothesis.settings.register_profile(
        "busy",
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("busy")
    addons = [manifest.parent for manifest in ROOT.glob("*/__manifest__.py")]
    for addon in addons:
        _put_empty_package(addon.name, addon)
        _put_empty_package(f"{addon.name}.tests", addon / "tests")
    start = config.invocation_params.dir
    paths = [Path(start, argument.split("::")[0]).resolve() for argument in config.args]
    are_of_addons = {any(path.is_relative_to(a) for a in addons) for path in paths}
    if are_of_addons == {True, False}:
        raise pytest.UsageError(
            "tests without Odoo of an addon and tests below tests/ need a run each"
        )
    if are_of_addons == {True}:
        _put_empty_package("odoo")
        _put_empty_package("odoo.addons")
        sys.meta_path.insert(0, _OurAddons({addon.name for addon in addons}))


def pytest_sessionstart(session):
    """Keep one Chromium, and wait for it as long as it takes beside other tests to
    begin; Odoo waits ten seconds, and skips the test then. People of tests are made
    without an invitation, a drawn picture and a seat in channels, which take most of
    the time.
    """
    if not session.config.pluginmanager.hasplugin("odoo"):
        return
    from freezegun import api

    from odoo import http, tests

    from odoo.addons.base.models import ir_asset
    from odoo.addons.base.models.avatar_mixin import AvatarMixin
    from odoo.addons.base.models.ir_http import IrHttp
    from odoo.addons.base.models.res_users import (
        KEY_CRYPT_CONTEXT,
        CryptContext,
        ResUsersPatchedInTest,
    )
    from odoo.addons.mail.models.discuss.discuss_channel import DiscussChannel
    from odoo.addons.mail.models.res_users import ResUsers

    AvatarMixin._avatar_generate_svg = lambda self: False
    DiscussChannel._subscribe_users_automatically = lambda self: None
    inverse_notification = ResUsers._inverse_notification_type
    ResUsers._inverse_notification_type = lambda self: inverse_notification(
        self.filtered(_is_notified_otherwise)
    )
    # keys and passwords of tests need not be strong
    KEY_CRYPT_CONTEXT.update(pbkdf2_sha512__rounds=1)
    weak = CryptContext(["pbkdf2_sha512", "plaintext"], pbkdf2_sha512__rounds=1)
    ResUsersPatchedInTest._crypt_context = lambda self: weak
    # each class of tests forgets the routes, to which few add any
    routing_map, maps = IrHttp.routing_map.__wrapped__, {}

    def known_routes(self, key=None):
        full = key, *http.Controller.children_classes["kpi_base"]
        if full not in maps:
            maps[full] = routing_map(self, key)
        return maps[full]

    IrHttp.routing_map = known_routes
    # each test forgets which files there are, each page would look for all of them
    ir_asset._glob_static_file = cache(ir_asset._glob_static_file)
    # it would list the names in each module each time a clock stops
    api._get_module_attributes_hash = lambda it: f"{id(it)}-{len(vars(it))}"
    tests.common.CHECK_BROWSER_ITERATIONS = int(60 / tests.common.CHECK_BROWSER_SLEEP)
    sys.path.insert(0, str(ROOT / "setup" / "lib"))
    from clocks import stop_few_clocks
    from kept_browser import end_programs, keep_browser

    stop_few_clocks()
    keep_browser()
    session.config.add_cleanup(end_programs)
    new_test_user = tests.new_test_user

    def new_user(env, *args, context=None, **values):
        quiet = {"no_reset_password": True, "tracking_disable": True}
        context = {**quiet, **(context or {})}
        values = {"view_group_hierarchy": False, **values}  # what its form shows
        user = new_test_user(env, *args, context=context, **values)
        return user.with_env(env)

    tests.new_test_user = tests.common.new_test_user = new_user


def _is_notified_otherwise(user):
    """Whether the groups of a user do not say yet how they are notified."""
    inbox = user.env.ref("mail.group_mail_notification_type_inbox")
    return (user.notification_type == "inbox") != (inbox in user.group_ids)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Run classes in another order with ``setup/test --shuffle``: none may need what
    another one has left.
    """
    if not (seed := os.environ.get("KPI_SHUFFLE")):
        return

    def place(item):
        name = f"{seed} {item.parent.nodeid}"
        return hashlib.sha256(name.encode()).digest()

    items.sort(key=place)


def pytest_collection_finish(session):
    """Make once what each class of tests would make anew, as that is rolled back.

    The scripts and styles of the web client, for tests in a browser, unless their
    template has them; what test cases have a function ``prepare_database`` for, those
    that others build on first.
    """
    if not session.config.pluginmanager.hasplugin("odoo"):
        return
    import bundles
    from test_groups import IN_BROWSER

    classes = dict.fromkeys(item.cls for item in session.items if item.cls)
    session.config.stash[PREPARE_ERRORS] = _prepare_cases(classes)

    with _environment() as env:
        if "kpi.calendar" in env:  # the days of most calendars
            calendar = env["kpi.calendar"].new({"tz": "UTC"})
            calendar._ensure_days(date(2023, 1, 1), date(2026, 12, 31))

    modules = {item.module for item in session.items}
    if any(IN_BROWSER.search(inspect.getsource(module)) for module in modules):
        with _environment() as env:
            bundles.make(env)


def _prepare_cases(classes):
    """Call ``prepare_database`` of each case once, in the order of the classes' MRO.

    :return: case → what was raised, by itself or by a case that it builds on
    """
    cases = dict.fromkeys(case for one in classes for case in one.__mro__[::-1])
    cases = [case for case in cases if "prepare_database" in vars(case)]
    if not cases:
        return {}

    from odoo.addons.kpi_base.tests.world import NameTaken, prepare

    from databases import STOP_AUTOVACUUM

    errors = {}
    for case in cases:
        errors[case] = _find_error(case, errors)
        if errors[case]:
            continue

        try:
            with _environment() as env:
                prepare(case, env)
        except NameTaken as error:
            raise pytest.UsageError(str(error)) from error
        except Exception as error:  # each test of the case raises it
            errors[case] = error

    with _environment() as env:
        env.cr.execute(STOP_AUTOVACUUM)  # of the tables that they made
    return errors


def _find_error(cls, errors):
    """Find what was raised where the records of a class were made, if anything."""
    return next((errors[case] for case in cls.__mro__[::-1] if errors.get(case)), None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """A class whose records could not be made fails with what was raised then."""
    errors = item.config.stash.get(PREPARE_ERRORS, {})
    if item.cls and (error := _find_error(item.cls, errors)):
        raise error


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Nobody else removes the rows of a class whose transaction has ended."""
    try:
        return (yield)
    finally:
        if item.config.pluginmanager.hasplugin("odoo"):
            if getattr(nextitem, "cls", None) is not item.cls:
                from odoo.tests.common import get_db_name

                from databases import clear_dead_rows

                clear_dead_rows(get_db_name())


@contextmanager
def _environment():
    """The superuser's in the database of the tests, for what stays there."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name

    registry = Registry(get_db_name())
    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})
    registry.signal_changes()


def _put_empty_package(name: str, *folders: Path) -> None:
    package = ModuleType(name)
    package.__path__ = [str(folder) for folder in folders]
    package = sys.modules.setdefault(name, package)
    parent, _, leaf = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], leaf, package)


class _OurAddons(MetaPathFinder, Loader):
    """``odoo.addons.<addon>.<module>`` is the module ``<addon>.<module>`` itself.

    Two modules would have two classes of each name, and ``isinstance`` would tell them
    apart.
    """

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def find_spec(self, name, path=None, target=None):
        plain = name.removeprefix(PREFIX)
        if plain == name or plain.split(".")[0] not in self._names:
            return None
        return ModuleSpec(name, self)

    def create_module(self, spec):
        module = importlib.import_module(spec.name.removeprefix(PREFIX))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        """Gives back the module's own spec, which the import system has replaced."""
        module.__spec__ = module.__spec__.loader_state
