"""The menus of all addons, as docs/overview.md has them; the addresses of screens."""

from pathlib import Path

import pytest
from lxml import etree

SHARES_DATABASE = True
OVERVIEW = Path(__file__).resolve().parents[2] / "docs" / "overview.md"
MOST_BELOW = 7
MOST_ENTRIES = {"everybody": 15, "administrators": 60}
MOST_SCREENS = {"everybody": 28, "administrators": 110}  # an entry or its tabs
ROLES = {  # each entry is of the first that sees it
    "everybody": "kpi_base.kpi_base_group_user",
    "managers": "kpi_base.kpi_base_group_manager",
    "officers": "kpi_base.kpi_base_group_officer",
    "agents": "kpi_deal_pipeline.kpi_deal_pipeline_group_agent",
    "readers": "kpi_bi_dashboard.kpi_bi_dashboard_group_user",
    "administrators": "",
}
# Lists without cards: of two or three narrow columns, edited in place.
LISTS = {
    "kpi.alert.reason",
    "kpi.alert.rota",
    "kpi.approval.delay.reason",
    "kpi.deal.tag",
    "kpi.lesson.tag",
    "kpi.tag",
    "kpi.tat.document.type",
}
# Columns that are no names: marks of a row, and how it is moved.
MARKS = {"handle", "kpi_star", "boolean_favorite"}
# What people look for by its time.
BY_TIME = {
    "kpi.api.log",
    "kpi.audit.anchor",
    "kpi.audit.log",
    "kpi.discount.rate",
    "kpi.mcp.reading",
    "kpi.tat.daily.metrics",
    "kpi.tat.event",  # in the order of the steps
}
NAMES = {"char", "many2one", "reference", "selection", "text"}
# People have links to these, whether a menu opens them or not.
PATHS = """
achievement-wall achievements agent-performance approval-deputies approval-times
approval-workflows
benchmark-imports benefit-assumptions benefit-confidence benefit-lessons
benefit-map-items benefit-months benefit-reviews benefit-topics benefits
benefits-dashboard benefits-map bi-benchmarks bi-competitors bi-customers
bi-imported-purchases bi-market bi-market-imports bi-marketing bi-marketing-imports
bi-markets bi-opportunities bi-pipeline bi-purchase-imports bi-segments bi-spend bi-swot
bi-touches billing-imports commission-disputes commission-plans commission-statements
confidence-check deal-billings deal-commissions deal-crm-stages deal-imports
deal-properties deal-stages deal-tags deal-win-probability deals discount-rates
event-log-imports initiative-dashboard initiative-gates initiative-imports initiatives
kpi-achievement-changes kpi-achievement-levels kpi-achievement-review
kpi-achievements kpi-actions kpi-alert-channels kpi-alert-reasons kpi-alert-records
kpi-alert-rules kpi-alert-silences kpi-alerts kpi-api-access kpi-api-keys kpi-approvals
kpi-audit-anchors kpi-audit-log kpi-breakdown kpi-by-period kpi-calendars kpi-cards
kpi-challenges kpi-changes kpi-coaching kpi-coaching-hr kpi-connectors
kpi-dashboard-mails
kpi-dashboards kpi-definitions kpi-deliveries kpi-discussions kpi-drift kpi-due-entries
kpi-earned-achievements kpi-entries kpi-entries-on-time kpi-entry-grid kpi-forecasts
kpi-gallery kpi-gallery-kpis kpi-gauges kpi-home kpi-hooks kpi-import kpi-integrations
kpi-jobs
kpi-judgements kpi-kudos kpi-leaderboards kpi-links kpi-muted-rules kpi-on-call
kpi-points kpi-points-limits kpi-questions-not-understood kpi-quiet-hours
kpi-ready-dashboards
kpi-restatements kpi-reviews kpi-reward-orders kpi-rewards kpi-saved-tables kpi-servers
kpi-sources kpi-standings
kpi-streaks kpi-table-mails kpi-targets kpi-teams kpi-tracking-rules kpi-unusual
kpi-values kpi-warehouse-datasets kpi-warehouses kpi-webhooks kpis leakages
measurements-of-initiatives my-achievements
my-approvals my-connections my-deputies my-kpi-entries pending-approvals
performance-benchmarks
performance-trend process-map reference-classes scorecards tat-aging tat-approvers
tat-compliance tat-daily tat-departments tat-queue tat-report-mails tat-requests
tracked-kpis who-sees-my-achievements
""".split()


def _menus(env, role):
    """Menus by id, as the web client gets them."""
    from odoo.tests import new_test_user

    user = env.ref("base.user_admin")
    if ROLES[role]:
        user = new_test_user(env, login=f"menus_{role}", groups=ROLES[role])
    return env["ir.ui.menu"].with_user(user).load_web_menus(False)


def _children(menus, menu):
    return [menus[each] for each in menu["children"]]


def _split(menus, menu):
    """What the bar shows below a menu, and what are tabs of its screen.

    As ``hasTabs`` of kpi_base/static/src/eager/menu_tabs says.
    """
    below = _children(menus, menu)
    if not menu["actionID"] or menu["id"] == menu["appID"]:
        return below, []
    if below and all(tab["actionID"] != menu["actionID"] for tab in below):
        return [], [menu, *below]
    return [], below


def _entries(menus, menu, above=()):
    """(names from the app down, tabs) of each entry below a menu, in order."""
    path = (*above, menu["name"])
    below, tabs = _split(menus, menu)
    if not below:
        return [(path, [tab["name"] for tab in tabs])]
    return [entry for each in below for entry in _entries(menus, each, path)]


def _ours(menus):
    apps = _children(menus, menus["root"])
    return [app for app in apps if app["xmlid"].startswith("kpi_")]


@pytest.fixture
def trees(env):
    """Role → entries of our apps."""
    found = {}
    for role in ROLES:
        menus = _menus(env, role)
        found[role] = [row for app in _ours(menus) for row in _entries(menus, app)]
        print(f"\n{role}: {len(found[role])} entries")
        for path, tabs in found[role]:
            print(" > ".join(path), f"({', '.join(tabs)})" if tabs else "")
    return found


def test_they_are_few(env, trees):
    counts = {role: len(trees[role]) for role in MOST_ENTRIES}
    assert all(counts[role] <= most for role, most in MOST_ENTRIES.items()), counts
    screens = {
        role: sum(max(1, len(tabs)) for _, tabs in trees[role]) for role in MOST_SCREENS
    }
    assert all(screens[role] <= most for role, most in MOST_SCREENS.items()), screens

    menus = _menus(env, "administrators")
    rows = list(_ours(menus))
    for menu in rows:
        below, tabs = _split(menus, menu)
        assert len(below or tabs) <= MOST_BELOW, menu["name"]
        rows += below


def test_they_are_those_of_the_page(trees):
    seen = {role: dict(entries) for role, entries in trees.items()}
    first = {  # the role, and the tabs that administrators have
        path: next(role for role in ROLES if path in seen[role])
        for path in seen["administrators"]
    }
    lines = ["| entry | tabs | who |", "|---|---|---|"]
    for path, tabs in seen["administrators"].items():
        lines.append(f"| {' > '.join(path)} | {', '.join(tabs)} | {first[path]} |")
    table = "\n".join(lines)
    print(table)
    assert table in OVERVIEW.read_text()


def test_what_is_told_of_people_is_not_for_everybody(trees):
    reports = ("Requests", "Reports")
    assert reports not in dict(trees["everybody"])
    assert reports in dict(trees["managers"])


@pytest.mark.parametrize("path", PATHS)
def test_addresses_open_what_they_opened(env, path):
    env = env(user=env.ref("base.user_admin"))
    action = env["ir.actions.actions"].sudo().search([("path", "=", path)])
    found = action.env[action.type].browse(action.id)._get_action_dict()
    assert found["path"] == path
    if action.type == "ir.actions.act_window":
        assert env[found["res_model"]].get_views(found["views"])["views"]


def test_pivots_begin_narrow_enough_to_read(env):
    """Months and days stand below each other; a column each is wider than screens."""
    domain = [("type", "=", "pivot"), ("model", "=like", "kpi.%")]
    wide = (
        env["ir.ui.view"]
        .search(domain)
        .filtered(
            lambda view: etree.fromstring(view.arch).xpath(
                "//field[@type='col'][@interval='day' or @interval='month']"
            )
        )
    )
    # each cell is the value of one period there: nothing else may be drawn
    assert set(wide.mapped("model")) <= {"kpi.measurement"}, wide.mapped("name")


def test_lists_begin_with_what_people_look_for(env):
    """A name, never a day, a number or a mark."""
    domain = [("type", "=", "list"), ("model", "=like", "kpi.%")]
    wrong = []
    for view in env["ir.ui.view"].search(domain):
        for node in view._get_combined_arch().iter("field"):
            field = env[view.model]._fields.get(node.get("name"))
            is_hidden = node.get("column_invisible") or node.get("optional") == "hide"
            if field is None or is_hidden or node.get("widget") in MARKS:
                continue
            if field.type not in NAMES and view.model not in BY_TIME:
                wrong.append(f"{view.name}: {field.name}")
            break
    assert not wrong


def _get_format(node):
    """How a column writes amounts; None of others."""
    widget, options = node.get("widget"), node.get("options", "")
    if widget == "kpi_amount" and "distance" not in options:
        return "in full"
    return "short" if widget in ("kpi_amount", "kpi_target", "kpi_value") else None


def test_a_row_writes_its_amounts_in_one_way(env):
    """1.23 M€ next to 1,234,567 € are read as two different sizes."""
    mixed = []
    domain = [("type", "in", ("list", "kanban")), ("model", "=like", "kpi.%")]
    for view in env["ir.ui.view"].search(domain):
        nodes = view._get_combined_arch().iter("field")
        if len({_get_format(node) for node in nodes} - {None}) > 1:
            mixed.append(view.name)
    assert not mixed


def test_lists_have_cards_for_phones(env):
    """Lists and pivots of Odoo are wider than phones."""
    lists = set()
    for role in ROLES:
        for menu in _menus(env, role).values():
            if menu["actionModel"] == "ir.actions.act_window":
                action = env["ir.actions.act_window"].browse(menu["actionID"])
                modes = [mode for _view, mode in action.views]
                if modes[0] in ("list", "pivot") and "kanban" not in modes:
                    lists.add(action.res_model)
    assert {each for each in lists if each.startswith("kpi.")} <= LISTS
