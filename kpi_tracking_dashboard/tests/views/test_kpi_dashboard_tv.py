from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import LONG

from .test_kpi_dashboard_screen import KpiDashboardScreenCase

SIZES = ("1920x1080", "1366x768", "3840x2160")

# Looks at each page of the show: what is seen of its tiles, and how large numbers are.
LOOK = """
    const label = await until(() => one(".o_kpi_tv_page"));
    const [first, last] = label.textContent.match(/\\d+/g).map(Number);
    const said = () => Number(one(".o_kpi_tv_page").textContent.match(/\\d+/)[0]);
    const tiles = all("article.o_kpi_tile"); // frames that wait are none
    const seen = new Set();
    for (let page = first; page <= last; page++) {
        await until(() => said() === page);
        await new Promise((resolve) => setTimeout(resolve, 200));
        const room = one(".o_kpi_grid").getBoundingClientRect();
        if (room.bottom > innerHeight + 1) throw new Error(`page ${page} is cut`);
        for (const [at, tile] of tiles.entries()) {
            const { bottom, top } = tile.getBoundingClientRect();
            const isWhole = top >= room.top - 1 && bottom <= room.bottom + 1;
            const isGone = bottom <= room.top + 1 || top >= room.bottom - 1;
            if (isWhole === isGone) {
                throw new Error(`tile ${at} is cut on page ${page}`);
            }
            if (!isWhole) continue;
            seen.add(tile);
            const inner = tile.querySelector(".o_kpi_lines");
            if (inner && inner.getBoundingClientRect().bottom > bottom + 1) {
                throw new Error(`the lines of tile ${at} are cut`);
            }
        }
    }
    const text = one("article.o_kpi_tile_text:not(.o_kpi_tile_heading)");
    if (text.offsetHeight > 0.1 * innerHeight) {
        throw new Error(`a line of text has ${text.offsetHeight} pixels`);
    }
    for (const { clientWidth, scrollWidth } of all(".o_kpi_tile_scroller")) {
        if (scrollWidth > clientWidth + 1) {
            throw new Error(`a table has ${scrollWidth} of ${clientWidth} pixels`);
        }
    }
    if (seen.size !== tiles.length) {
        throw new Error(`${seen.size} of ${tiles.length} tiles`);
    }
    const number = one(".o_kpi_lines .o_kpi_value_large");
    const size = parseFloat(getComputedStyle(number).fontSize);
    const wanted = (76 * innerWidth) / 1920;
    if (Math.abs(size - wanted) > 1) {
        throw new Error(`numbers have ${size} pixels, not ${wanted}`);
    }
    // On a first day nothing is due, and counted.
    const chips = all("article.o_kpi_tile .o_kpi_status");
    const isDue = ({ textContent }) => !textContent.includes("Not due yet");
    if (chips.some(isDue) && !one(".o_kpi_tv_counts .o_kpi_status")) {
        throw new Error("no status is counted");
    }
    if (!chips.length) throw new Error("no status is shown");
"""


@tagged("post_install", "-at_install")
class TestKpiDashboardTv(KpiDashboardScreenCase):
    """A wall shows a dashboard in pages of whole rows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        card = cls.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_trend").id
        cls.wall = cls._dashboard(
            "Wall",
            [
                *(cls._tile("card", kpi, card_id=card, span=3) for kpi in cls.kpis * 3),
                {"kind": "text", "name": "Trends", "span": 12},
                {"kind": "text", "text": "<p>In one line</p>", "span": 12, "height": 2},
                cls._tile("line", cls.kpis[:2], span=6, height=2),
                cls._tile("bar", cls.kpis[:2], span=6, height=2),
                cls._tile("gauge", cls.kpis[0], span=4, height=2),
                cls._tile("table", cls.kpis[:2], span=12, height=4),
            ],
        )

    def test_no_tile_is_cut(self):
        for size in SIZES if LONG else SIZES[:1]:
            with self.subTest(size):
                self.browser_size = size
                self._play(
                    LOOK,
                    "!!document.querySelector('.o_kpi_tv article.o_kpi_tile')",
                    f"/odoo/kpi-dashboard/{self.wall.id}?tv={self.wall.id}&interval=5",
                )
