import { useEffect, useExternalListener } from "@odoo/owl";

const SCALES = [1, 0.9, 0.8, 0.7, 0.6, 0.5]; // of letters and rows, where a tile is too tall
const SLACK = 1; // pixels: places are fractions

/**
 * Tiles in one row, from where to where; what heads a section is a separate band.
 *
 * @param {{top: number, bottom: number, isHeading?: boolean}[]} boxes
 */
export function bandsOf(boxes) {
    const bands = [];
    for (const box of boxes.toSorted((a, b) => a.top - b.top)) {
        const last = bands.at(-1);
        if (last && box.top < last.bottom - SLACK) {
            last.bottom = Math.max(last.bottom, box.bottom);
            last.isHeading &&= Boolean(box.isHeading);
        } else {
            bands.push({ ...box });
        }
    }
    return bands;
}

/**
 * Pages of whole bands. A heading begins a page where what it heads has no room on this one.
 *
 * @param {ReturnType<typeof bandsOf>} bands
 * @param {number} room height of a page
 * @returns {{top: number, bottom: number}[]}
 */
export function pagesOf(bands, room) {
    const pages = [];
    for (const [at, { bottom, isHeading, top }] of bands.entries()) {
        const page = pages.at(-1);
        const needed = (isHeading && bands[at + 1]?.bottom) || bottom;
        if (page && needed - page.top <= room + SLACK) {
            page.bottom = bottom;
        } else {
            pages.push({ top, bottom });
        }
    }
    return pages;
}

function boxesIn(grid) {
    const start = grid.getBoundingClientRect().top - grid.scrollTop;
    return [...grid.children]
        .map((tile) => {
            const { bottom, height, top } = tile.getBoundingClientRect();
            const isHeading = tile.classList.contains("o_kpi_tile_heading");
            return { bottom: bottom - start, height, isHeading, top: top - start };
        })
        .filter(({ height }) => height);
}

/** Shows one page of the tiles after each change, and their number. */
export function useTvPages(tv, { grid: findGrid, screen: findScreen }) {
    function layOut() {
        const [grid, screen] = [findGrid(), findScreen()];
        if (!grid || !screen) {
            return;
        }
        if (!tv.isOn) {
            grid.style.blockSize = "";
            screen.style.removeProperty("--kpi-tv-scale");
            screen.style.removeProperty("--kpi-tv-room");
            return;
        }
        const margin = parseFloat(getComputedStyle(grid).paddingBlockStart) || 0;
        let pages = [];
        for (const scale of SCALES) {
            screen.style.setProperty("--kpi-tv-scale", scale);
            const above = grid.getBoundingClientRect().top - screen.getBoundingClientRect().top;
            const room = screen.clientHeight - above - 2 * margin;
            screen.style.setProperty("--kpi-tv-room", `${room}px`);
            pages = pagesOf(bandsOf(boxesIn(grid)), room);
            if (pages.every(({ bottom, top }) => bottom - top <= room + SLACK)) {
                break;
            }
        }
        tv.setPages(pages.length);
        const page = pages[tv.page];
        if (page) {
            grid.style.blockSize = `${page.bottom - page.top + 2 * margin}px`;
            grid.scrollTop = page.top - margin;
        }
    }
    useEffect(layOut);
    useExternalListener(window, "resize", layOut);
}
