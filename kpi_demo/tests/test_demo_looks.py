from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_tracking.tests.views.axe_case import AXE, CHECK_OURS, axe_source

from .screen_crawl import ScreenCrawl

# What our own code draws: below an element of ours, and cards. Fields, buttons, labels
# and what people wrote are Odoo's, unless something of ours lies within them.
CHECK = """
const VIEWS = ".o_view_controller, .o_list_view, .o_form_view, .o_kanban_view";
const OURS = `[class*=o_kpi_]:not(${VIEWS}), .o_kanban_record`;
const ODOO = ".o_field_widget, .o_widget, .o_form_label, .btn, .o_tag, .o_column_title,"
    + " .o_view_nocontent, .o_view_sample_data, .o-mail-Chatter, .o_kpi_prose,"
    + " .o_control_panel,"
    + " .o_kpi_embedded_view";
const SIZES = [12, 14, 16, 20, 28, 40];
const STATUS = /^(On track|At risk|Off track)( so far)?$/;
// Groups, headings and filters name a status, as do counts of what has it.
const NAMES = ".o_kpi_status, .o_control_panel, .o_search_panel, .dropdown-menu,"
    + " .o_group_header, .o_kanban_header, .o_column_title, .o_pivot,"
    + " .o_statusbar_status, .o_kpi_home_counts, select, thead, label, h1, h2, h3, h4";
// Of benefits they are steps of a workflow, which Odoo's badge shows; of customers,
// names of segments.
const STEPS = ".o_kpi_benefits :is(.badge, button), .o_field_badge[name=status] .badge,"
    + " .o_kpi_segment_map, .o_kpi_bi_section, .o_field_badge[name=segment],"
    + " .o_kpi_bi_segment";

const isSeen = (it) => it.checkVisibility({ visibilityProperty: true });
const seen = (css) => [...document.querySelectorAll(css)].filter(isSeen);
const short = (it) => it.outerHTML.replace(/\\s+/g, " ").slice(0, 160);
const isShown = (text) => {
    const it = text.parentElement;
    return text.data.trim() && isSeen(it) && !it.closest(".visually-hidden, svg");
};

const texts = () => {
    const page = document.querySelector(".o_action_manager");
    const walker = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        if (isShown(walker.currentNode)) {
            found.push(walker.currentNode);
        }
    }
    return found;
};

const isOurs = (it) => {
    const ours = it.closest(OURS);
    const odoo = it.closest(ODOO);
    return ours && !(odoo && ours.contains(odoo));
};

const checkSizes = () => {
    const found = new Set();
    for (const { parentElement } of texts()) {
        const size = parseFloat(getComputedStyle(parentElement).fontSize);
        if (isOurs(parentElement) && !SIZES.some((it) => Math.abs(it - size) < 0.01)) {
            found.add(`${size} px: ${short(parentElement)}`);
        }
    }
    return [...found];
};

// Those of one row of cards end at the same height.
const checkRows = () => {
    const rows = new Map();
    for (const value of seen(".o_kpi_lines_value > .o_kpi_value")) {
        const { top } = value.closest(".o_kpi_lines").getBoundingClientRect();
        const { bottom } = value.getBoundingClientRect();
        const row = Math.round(top);
        rows.set(row, [...(rows.get(row) ?? []), bottom]);
    }
    return [...rows.values()]
        .filter((row) => Math.max(...row) - Math.min(...row) > 0.5)
        .map((row) => `values of a row of cards end at ${row.join(", ")}`);
};

const checkPrimary = () => {
    // Odoo's search, menus of measures and fields with a filter have this color, too.
    const elsewhere = ".o-mail-Chatter, .modal, .o_search_panel, .dropdown-menu,"
        + " .o_searchview, .dropdown-toggle, .o_field_domain";
    const shown = seen(".o_action_manager :is(.btn-primary, .oe_highlight)").filter(
        (it) => !it.closest(elsewhere)
    );
    return shown.length > 1 ? [`${shown.length} primary: ${shown.map(short)}`] : [];
};

const checkStatuses = () =>
    texts()
        .filter((text) => STATUS.test(text.data.trim()))
        .map((text) => text.parentElement)
        .filter((it) => !it.closest(NAMES) && !it.closest(STEPS))
        .map((it) => `a status without chip: ${short(it)}`);

// Lists and tables of Odoo scroll in their frame.
const checkWidth = () => {
    const found = [];
    const page = document.scrollingElement;
    if (page.scrollWidth > innerWidth) {
        found.push(`scrolls sideways: ${page.scrollWidth} of ${innerWidth} px`);
    }
    for (const it of seen(".o_action_manager .o_content")) {
        if (!it.querySelector(".o_renderer") && it.scrollWidth > it.clientWidth) {
            const isOver = (each) => each.scrollWidth > each.clientWidth + 1
                && each.clientWidth && getComputedStyle(each).overflow === "visible";
            const widest = [...it.querySelectorAll("*")].filter(isOver).pop();
            const size = `${it.scrollWidth} of ${it.clientWidth} px wide`;
            found.push(`its content is ${size}: ${widest ? short(widest) : ""}`);
        }
    }
    return found;
};

const checkLooks = () => [
    ...checkSizes(),
    ...checkRows(),
    ...checkPrimary(),
    ...checkStatuses(),
    ...checkWidth(),
];
"""
# As in a language whose words are 1.6 times as long: nothing is cut, unless the whole
# is shown on hover or may be scrolled to.
CHECK_ROOM = """
// Odoo's lists show whole titles and cells on hover, too.
const WHOLE = "[title], [data-tooltip], .o_list_table thead, .o_data_cell";
const lengthen = (word) => word + word.slice(0, Math.round(0.6 * word.length));
const findFrame = (it) => {
    while (it && !it.matches(".o_action_manager")) {
        const { overflow } = getComputedStyle(it);
        if (overflow !== "visible") {
            return /auto|scroll/.test(overflow) ? null : it;
        }
        it = it.parentElement;
    }
};
const checkCut = () => {
    const found = [];
    const range = document.createRange();
    for (const text of texts().filter((it) => isOurs(it.parentElement))) {
        const frame = findFrame(text.parentElement);
        if (!frame || text.parentElement.closest(WHOLE)) {
            continue;
        }
        range.selectNodeContents(text);
        const [inner, outer] = [range, frame].map((it) => it.getBoundingClientRect());
        const overhang = Math.max(
            outer.left - inner.left,
            inner.right - outer.right,
            outer.top - inner.top,
            inner.bottom - outer.bottom
        );
        if (overhang > 1) {
            const place = short(text.parentElement);
            found.push(`${Math.round(overhang)} px are cut: ${place}`);
        }
    }
    return found;
};
const checkRoom = () => {
    for (const text of texts().filter((it) => isOurs(it.parentElement))) {
        text.data = text.data.replace(/\\p{L}{3,}/gu, lengthen);
    }
    return [...checkWidth(), ...checkCut()];
};
"""
# One of each fault, on the page that is open.
FAULTS = """
const card = (offset) => `<div class="o_kpi_lines" style="float: left">
    <div class="o_kpi_lines_value">
        <span class="o_kpi_value" style="position: relative; top: ${offset}px">1</span>
    </div>
</div>`;
document.body.innerHTML = `
    <div class="o_action_manager"><div class="o_kpi_fault">
        ${card(0)}${card(1)}
        <p style="font-size: 13px">Thirteen</p>
        <button class="btn btn-primary">One</button>
        <button class="btn btn-primary">Two</button>
        <p>At risk so far</p>
        <p><span class="o_kpi_status">On track</span></p>
        <p style="overflow: hidden; width: 9px">Hidden</p>
        <p style="overflow: hidden; width: 9px" title="Named">Named</p>
    </div>
    <div class="o_content" style="overflow: auto">
        <p style="width: 9999px">Wide</p>
    </div></div>`;
const found = [...checkLooks(), ...checkCut().map((it) => it.replace(/^\\d+ /, ""))];
const expected = [
    "13 px", "values of a row", "2 primary", "a status", "its content", "px are cut"
];
if (found.length === 6 && expected.every((it, at) => found[at].startsWith(it))) {
    console.log("test successful");
} else {
    console.error(found.join("\\n"));
}
"""


def _check():
    ours = CHECK_OURS if AXE else "const checkOurs = () => [];"
    check = "const check = async () => [...checkLooks(), ...(await checkOurs())];"
    return "\n".join((axe_source(), ours, CHECK, check))


@tagged("post_install", "-at_install")
class TestDemoLooks(ScreenCrawl, HttpCase):
    """All screens have one look.

    Texts of ours have one of six sizes, values of a row of cards one bottom edge, a
    screen at most one primary button, the status of a KPI its chip; nothing scrolls
    sideways, and axe-core, where it is installed, finds nothing.
    """

    browser_size = "1440x900"

    def test_screens(self):
        self._crawl(_check(), "looks")

    def test_what_is_wrong_is_found(self):
        self.browser_js(
            "/web/health",
            f"{_check()}\n{CHECK_ROOM}\n{FAULTS}",
            "document.readyState === 'complete'",
        )


@tagged("post_install", "-at_install")
class TestDemoLooksPhone(ScreenCrawl, HttpCase):
    """So have they on a phone in the dark."""

    browser_size = "390x844"
    touch_enabled = True

    def test_screens(self):
        settings = self.env["res.users.settings"]
        settings._find_or_create_for_user(self.admin).kpi_color_scheme = "dark"
        self._crawl(_check(), "looks on a phone")


class RoomCrawl(ScreenCrawl):
    """Screens have room for long words: nothing is cut, nothing scrolls sideways."""

    direction = "ltr"

    def test_screens(self):
        self.env["res.lang"]._activate_lang("en_US").direction = self.direction
        check = f"{CHECK}\n{CHECK_ROOM}\nconst check = checkRoom;"
        self._crawl(check, self.browser_size, share=40)


@tagged("post_install", "-at_install")
class TestDemoRoomNarrow(RoomCrawl, HttpCase):
    """On the narrowest phone."""

    browser_size = "320x640"
    touch_enabled = True


@tagged("post_install", "-at_install")
class TestDemoRoomZoomed(RoomCrawl, HttpCase):
    """On a desktop at 200%."""

    browser_size = "720x450"


@tagged("post_install", "-at_install")
class TestDemoRoomMirrored(RoomCrawl, HttpCase):
    """From right to left."""

    browser_size = "1440x900"
    direction = "rtl"
