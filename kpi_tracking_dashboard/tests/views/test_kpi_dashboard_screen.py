from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

GROUP = "base.group_user,kpi_base.kpi_base_group_%s"
LONG = "<b>Deutsche Zufriedenheit</b> العربية 日本語の長い名前 " * 3
COURSES = ("line", "bar", "area", "stacked", "heatmap", "table", "waterfall")
DRAWN = "document.querySelectorAll('.o_kpi_tile_canvas canvas').length > 4"
HELPERS = """
    const one = (css) => document.querySelector(css);
    const all = (css) => [...document.querySelectorAll(css)];
    const named = (text) =>
        all("button, .o-dropdown-item").find((it) => it.textContent.trim() === text);
    const until = async (test) => {
        for (let tries = 0; tries < 150; tries++) {
            const found = test();
            if (found) return found;
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        throw new Error(`never: ${test}`);
    };
"""


class KpiDashboardScreenCase(HttpCase):
    """A dashboard with a tile of every kind, for an officer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.report"].search([]).active = False
        cls.officer = new_test_user(cls.env, "olga_board", GROUP % "officer")
        cls.kpis = [cls._kpi("Orders", 1e12), cls._kpi("Visits", 10), cls._kpi(LONG, 1)]
        card = cls.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_trend").id
        every = [
            *(cls._tile(kind, cls.kpis[:2], span=6, height=2) for kind in COURSES),
            *(
                cls._tile(kind, cls.kpis, span=4, height=2)
                for kind in ("pie", "doughnut", "funnel", "radar", "scatter")
            ),
            *(cls._tile("card", kpi, card_id=card) for kpi in cls.kpis),
            cls._tile("gauge", cls.kpis[0], height=2),
            cls._tile("gauge", cls._kpi("Nothing yet"), height=2),
            {"kind": "text", "text": "<h2>Read me</h2>", "span": 12},
            {
                "kind": "view",
                "view_model": "res.partner",
                "name": "Partners",
                "span": 6,
            },
        ]
        cls.board = cls._dashboard("Board", every)

    @classmethod
    def _kpi(cls, name, *values):
        """A KPI of the company, entered in the last months up to its value."""
        definition = cls.env["kpi.definition"].create(
            {"name": name, "computation": "manual", "owner_id": cls.officer.id}
        )
        report = definition._track_for("company", cls.env.company)
        month = fields.Date.today().replace(day=1)
        rows = [
            (report.id, month - relativedelta(months=back), value * (5 - back))
            for value in values
            for back in range(4)
        ]
        cls.env["kpi.measurement"]._upsert("month", rows, source="manual")
        if rows:
            cls.env["kpi.target"].create(
                {"report_id": report.id, "date_from": "2020-01-01", "value": 3}
            )
        report._refresh_current()
        return report

    @classmethod
    def _tile(cls, kind, kpis, **values):
        ids = [kpi.definition_id.id for kpi in kpis]
        return {
            "kind": kind,
            "definition_ids": [Command.set(ids)],
            "definition_order": ids,
            **values,
        }

    @classmethod
    def _dashboard(cls, name, tiles):
        return cls.env["kpi.dashboard"].create(
            {
                "name": name,
                "owner_id": cls.officer.id,
                "default_grain": "month",
                "tile_ids": [
                    Command.create({"sequence": place, **tile})
                    for place, tile in enumerate(tiles)
                ],
            }
        )

    def _play(self, code, ready, path=None):
        """Run steps on the board; whatever the console says fails the test."""
        self.browser_js(
            path or f"/odoo/kpi-dashboard/{self.board.id}",
            f"(async () => {{ {HELPERS} {code} console.log('test successful'); }})()",
            ready=ready,
            login="olga_board",
            timeout=120,
        )


@tagged("post_install", "-at_install")
class TestKpiDashboardScreen(KpiDashboardScreenCase):
    def test_a_new_tile_is_not_stored_as_the_page_goes(self):
        """Only by “Add to the dashboard”; the browser asks before it goes."""
        count = len(self.board.tile_ids)
        self._play(
            '\n            const find = (css, text = "") => '
            "[...document.querySelectorAll(css)].find(\n                (each) => "
            "each.textContent.includes(text)\n            );\n            const "
            "press = async (css, text) => {\n                for (let n = 0; n < "
            "300 && !find(css, text); n++) await wait();\n                "
            "find(css, text).click();\n            };\n            const wait = () "
            "=> new Promise((done) => setTimeout(done, 100));\n            await "
            'press("button", "Edit");\n            await press("button", "Add '
            'Tile");\n            await press(".o_kpi_tile_kind[data-kind=text]", '
            '"");\n            for (let n = 0; n < 10; n++) await '
            'wait();\n            const going = new Event("beforeunload", { '
            "cancelable: true });\n            "
            "window.dispatchEvent(going);\n            if "
            '(!going.defaultPrevented) throw new Error("it does not '
            'ask");\n            for (let n = 0; n < 10; n++) await '
            'wait();\n            await press(".modal .btn-close", '
            '"");\n            for (let n = 0; n < 100 && find(".modal"); n++) '
            "await wait();\n            ",
            "!!document.querySelector('.o_kpi_tile')",
        )
        self.env.invalidate_all()
        drafts = self.env["kpi.dashboard"].search([("name", "=", "Board")])
        self.assertEqual(drafts.tile_ids, self.board.tile_ids)
        self.assertEqual(len(self.board.tile_ids), count)

    def test_every_kind_of_tile_is_drawn_and_told(self):
        self._play(
            """
            const said = one(".o_kpi_dashboard").textContent;
            if (/∞|NaN|undefined|Infinity/.test(said)) throw new Error(said);
            if (one(".o_kpi_tile [role=alert]")) {
                throw new Error(one(".o_kpi_tile [role=alert]").textContent);
            }
            await until(() => all(".o_kpi_tile_canvas canvas").length === 9);
            if (one(".o_kpi_dashboard h2 b")) throw new Error("a name is HTML");
            await until(() => one(".o_kpi_tile_view .o_list_view"));
            one(".o_kpi_tile_line .o_kpi_tile_menu").click();
            (await until(() => named("Show as Table"))).click();
            await until(() => one(".o_kpi_tile_line tbody button"));
            one(".o_kpi_tile_card .o_kpi_tile_title button").click();
            await until(() => one(".o_kpi_report_form"));
            """,
            DRAWN,
        )
        visits = self.env["kpi.dashboard.visit"].search(
            [("dashboard_id", "=", self.board.id)]
        )
        self.assertEqual(visits.mapped("view_count"), [1])

    def test_what_is_chosen_stands_in_the_address(self):
        self._play(
            "\n            one(\".o_kpi_bar [title='Previous "
            "period']\").click();\n            await until(() => "
            'location.search.includes("start="));\n            await until(() => '
            '!one(".o_kpi_grid_busy"));\n            if '
            '(!location.pathname.includes("/kpi-dashboard/")) throw new '
            'Error("path");\n            ',
            DRAWN,
        )

    def test_two_people_arrange_and_nothing_is_lost(self):
        tiles = self.board.tile_ids
        self._play(
            "\n            const { orm } = "
            "odoo.__WOWL_DEBUG__.root.env.services;\n            "
            'named("Edit").click();\n            (await until(() => '
            'one(".o_kpi_tile [title=Narrower]"))).click();\n            const ids '
            '= () => all(".o_kpi_tile").map((each) => '
            "each.dataset.id);\n            const [first, second, third] = "
            'ids();\n            const key = { key: "ArrowRight", bubbles: true '
            '};\n            one(".o_kpi_tile_handle").dispatchEvent(new '
            'KeyboardEvent("keydown", key));\n            await until(() => '
            "ids()[0] === second);\n            await "
            'orm.write("kpi.dashboard.tile", [Number(second)], { height: 3 '
            '});\n            named("Save").click();\n            const told = '
            'await until(() => one(".o_notification"));\n            if '
            '(!told.textContent.includes("olga_board")) throw new '
            'Error("who?");\n            await until(() => !one(".modal") && '
            'named("Edit"));\n            if (ids()[0] !== second || ids()[1] !== '
            'first) throw new Error("order");\n\n            '
            'named("Edit").click();\n            (await until(() => '
            'one(".o_kpi_tile [title=Narrower]"))).click();\n            await '
            'orm.write("kpi.dashboard.tile", [Number(second)], { span: 12 '
            '});\n            await orm.write("kpi.dashboard.tile", '
            "[Number(third)], { span: 7 });\n            "
            'named("Save").click();\n            const asked = (await until(() => '
            'one(".modal-body"))).textContent;\n            if '
            '(!asked.includes("olga_board")) throw new Error("who?");\n            '
            'named("Use Mine").click();\n            await until(() => '
            '!one(".modal") && named("Edit"));\n            ',
            DRAWN,
        )
        first, second, third = tiles[:3]
        self.assertGreater(first.sequence, second.sequence)
        self.assertEqual((first.span, second.span, third.span), (5, 5, 7))
        self.assertEqual((first.height, second.height), (2, 3))

    def test_what_others_see_is_published_and_comes_back(self):
        self.board.group_ids = self.env.ref("kpi_base.kpi_base_group_user")
        first = self.board.tile_ids.sorted()[0]
        self._play(
            f"""
            const id = "{self.board.id}";
            named("Edit").click();
            const menu = ".o_kpi_dashboard_editing .o_kpi_tile_menu";
            (await until(() => one(menu))).click();
            const isHere = () => location.pathname.includes(`/kpi-dashboard/${{id}}`);
            if (isHere()) throw new Error("not in a draft");
            (await until(() => named("Remove"))).click();
            (await until(() => one(".modal-footer .btn-primary"))).click();
            const count = () => all(".o_kpi_tile").length;
            await until(() => count() === {len(self.board.tile_ids) - 1});
            named("Publish").click();
            await until(isHere);
            await until(() => !one(".o_kpi_dashboard_draft") && named("Edit"));
            one("button[title=More]").click();
            (await until(() => named("Versions"))).click();
            (await until(() => named("Restore Tile"))).click();
            await until(() => one(".o_kpi_dashboard_draft") && named("Publish"));
            await until(() => count() === {len(self.board.tile_ids)});
            named("Publish").click();
            await until(() => !one(".o_kpi_dashboard_draft") && named("Edit"));
            """,
            DRAWN,
        )
        self.assertFalse(first.exists())
        back = self.board.tile_ids.sorted()[-1]
        self.assertEqual(back.kind, "line")
        self.assertEqual(len(self.board.version_ids), 3)

    def test_a_view_becomes_a_tile_from_its_cog_menu(self):
        self._play(
            """
            one(".o_cp_action_menus button").click();
            (await until(() => one(".o_kpi_add_to_dashboard"))).click();
            const field = await until(() => one(".modal [name=dashboard_id] input"));
            field.focus();
            field.value = "Board";
            field.dispatchEvent(new Event("input", { bubbles: true }));
            const isBoard = (each) => each.textContent.trim() === "Board";
            const found = () => all(".o-autocomplete--dropdown-item").find(isBoard);
            (await until(found)).click();
            await until(() => !found() && field.value === "Board");
            one(".modal .o_form_button_save").click();
            await until(() => one(".o_notification"));
            """,
            "!!document.querySelector('.o_cp_action_menus')",
            "/odoo/action-base.action_partner_form?view_type=list",
        )
        tile = self.board.tile_ids.sorted("id")[-1]
        self.assertEqual((tile.kind, tile.view_model), ("view", "res.partner"))
        self.assertEqual((tile.span, tile.height), (6, 2))
        self.assertEqual(self.board.tile_ids.sorted()[-1], tile)

    def test_the_overview_is_the_first_screen(self):
        self._play(
            """
            await until(() => one(".o_kpi_home"));
            const board = await until(() =>
                all(".o_kpi_home_board").find((b) => b.textContent.includes("Board")),
            );
            board.click();
            await until(() => one(".o_kpi_grid .o_kpi_tile_card"));
            """,
            "!!document.querySelector('.o_kpi_home_counts')",
            "/odoo/kpi-home",
        )


@tagged("post_install", "-at_install")
class TestKpiDashboardNarrow(KpiDashboardScreenCase):
    browser_size = "320x640"
    touch_enabled = True

    def test_nothing_scrolls_sideways_on_a_small_phone(self):
        card = self.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_comparison")
        ranking = self._tile("card", self.kpis, card_id=card.id, span=4, height=2)
        self.board.tile_ids = [(0, 0, ranking)]
        self._play(
            """
            const list = await until(() => one(".o_kpi_tile_card:has(li)"));
            if (list.clientWidth < 280) throw new Error("a list has half of the width");
            const page = document.documentElement;
            if (page.scrollWidth > page.clientWidth) throw new Error("page scrolls");
            const grid = one(".o_kpi_grid");
            if (grid.scrollWidth > grid.clientWidth) throw new Error("grid scrolls");
            const small = all(".o_kpi_tile_menu").filter(
                (each) => each.getBoundingClientRect().height < 24,
            );
            if (small.length) throw new Error("too small to touch");
            """,
            DRAWN,
        )
