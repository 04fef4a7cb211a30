/** Answers of the server as a dashboard gets them. */

export const UNIT = {
    kind: "number",
    decimals: 0,
    currencyId: null,
    symbol: "",
    durationUnit: "day",
};
export const MONTHS = ["Aug 2026", "Sep 2026", "Oct 2026"];
const STARTS = ["2026-08-01", "2026-09-01", "2026-10-01"];

/** What a chart is drawn with: names in the place of colors, letters of 6 pixels. */
export const LOOK = {
    color: (name) => name,
    fade: (tone, share) => `${tone} ${share}`,
    font: { family: "Roboto", size: 12 },
    format: String,
    formatX: String,
    measure: (text) => 6 * text.length,
    onPlace: () => {},
    px: (length) => length,
    signed: String,
    seriesCount: 1,
    width: 600,
};

export function kpi(values = {}) {
    return {
        report_id: 7,
        name: "Won Revenue",
        scope: "Sales",
        unit: UNIT,
        value: 82,
        has_value: true,
        target: 100,
        whole: null,
        baseline: null,
        previous: 79,
        year_before: 41,
        change: 0.038,
        achievement: 82,
        status: "at_risk",
        band: "",
        is_running: false,
        direction: "higher",
        aggregation_time: "sum",
        last_measured_at: "2026-10-31T12:00:00Z",
        who: "A. Roy",
        period: { start: "2026-10-01", label: "Oct 2026" },
        sparkline: {
            running: false,
            points: MONTHS.map((label, at) => ({ label, value: [70, 79, 82][at], target: 100 })),
        },
        ...values,
    };
}

let lastId = 100;

export function tile(kind, values = {}) {
    return {
        id: ++lastId,
        kind,
        title: `A ${kind}`,
        span: 4,
        height: 1,
        state: "ok",
        message: "",
        report_ids: [7],
        is_stale: false,
        as_of: null,
        notes: [],
        breakdown: null,
        ...values,
    };
}

export function card(style = "metric", values = {}, kpiValues = {}) {
    const shown = { style, icon: "target", comparisons: ["target", "year"] };
    return tile("card", { kpi: kpi(kpiValues), card: { ...shown, ...values } });
}

export function courses(kind, values = {}) {
    const series = [
        {
            name: "Won Revenue",
            report_id: 7,
            values: [70, null, 82],
            targets: [100, 100, 100],
            statuses: ["off_target", "no_data", "at_risk"],
            part: null,
        },
    ];
    const chart = { unit: UNIT, categories: MONTHS, starts: STARTS, series, is_running: true };
    return tile(kind, { chart: { ...chart, ...values } });
}

/** Of the running period and two to come; of the last one without limits. */
export const EXPECTED = {
    values: [95, 101, 103],
    lows: [90, 91, null],
    highs: [100, 111, null],
};
export const COMING = {
    categories: ["Nov 2026", "Dec 2026"],
    starts: ["2026-11-01", "2026-12-01"],
};

/** A line that goes on with what is expected. */
export function goingOn(kind = "line", values = {}) {
    const shown = courses(kind, { coming: COMING, ...values });
    shown.chart.series.forEach((series) => (series.expected = EXPECTED));
    return shown;
}

export function parts(kind, rows, values = {}) {
    const usual = [
        { name: "North", key: "3", value: 60, share: 0.6, is_total: false },
        { name: "Other", key: null, report_id: null, value: 40, share: 0.4, is_total: false },
    ];
    return tile(kind, {
        breakdown: "city",
        parts: { unit: UNIT, total: 100, rows: rows || usual },
        ...values,
    });
}

export function answer(tiles, values = {}) {
    return {
        dashboard: {
            id: 5,
            name: "Sales",
            description: "",
            revision: 3,
            is_editable: true,
            is_private: true,
            draft_of_id: null,
            has_versions: false,
            draft: null,
            is_favorite: false,
            interval: 30,
        },
        options: {
            grain: "month",
            start: null,
            comparison: "previous",
            scope: { type: "company", id: 1 },
            cross: null,
        },
        grains: [
            ["", "Latest"],
            ["month", "Month"],
            ["quarter", "Quarter"],
        ],
        periods: { label: "October 2026", previous: "2026-09-01", next: null },
        scope: "Company",
        as_of: "2026-11-20T12:00:00Z",
        tiles,
        ...values,
    };
}
