import { browser } from "@web/core/browser/browser";

const KEY = "kpi_tracking_dashboard.dashboard_sizes";
const USUAL = [
    ...Array.from({ length: 4 }, () => ({ span: 3, height: 1 })),
    { span: 6, height: 2 },
    { span: 6, height: 2 },
];

/** Sizes of the tiles of a dashboard when they were last seen here; the usual ones else. */
export function rememberedSizes(id) {
    return stored()[id] || USUAL;
}

/** Sizes alone: whoever sits here next learns nothing by them. */
export function rememberSizes(id, tiles) {
    const sizes = tiles.map(({ height, span }) => ({ height, span }));
    browser.localStorage.setItem(KEY, JSON.stringify({ ...stored(), [id]: sizes }));
}

function stored() {
    try {
        return JSON.parse(browser.localStorage.getItem(KEY)) || {};
    } catch {
        return {};
    }
}
