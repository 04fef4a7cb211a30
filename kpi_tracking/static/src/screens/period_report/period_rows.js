import { _t } from "@web/core/l10n/translation";
import {
    change,
    compact,
    compactParts,
    isFar,
    significant,
    STEPS,
    unitSymbols,
} from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "@kpi_tracking/eager/kpi_format/kpi_unit";

const SIGNIFICANT = 3;

/**
 * Sections that have the same columns, under one head.
 *
 * @param {{title: string, columns: Object[], rows: Object[]}[]} sections
 * @returns {{columns: Object[], sections: Object[]}[]}
 */
export function groupTables(sections) {
    const tables = new Map();
    for (const section of sections) {
        const key = JSON.stringify(section.columns);
        if (!tables.has(key)) {
            tables.set(key, { columns: section.columns, sections: [] });
        }
        tables.get(key).sections.push(section);
    }
    return [...tables.values()];
}

/** Names of periods without the year where it is the same in all of them. */
export function shortLabels(columns) {
    const [year] = columns.map(({ start }) => start.slice(0, 4));
    const isShared = columns.every(
        ({ label }) => label.endsWith(` ${year}`) && label.split(year).length === 2,
    );
    return columns.map(({ label }) => (isShared ? label.slice(0, -year.length - 1) : label));
}

/** Properties of the numbers of a row. */
export function noteOf({ latest, note }) {
    return [note, latest.note].filter(Boolean).join(" · ");
}

/** The note that all rows of a table have; "" if they differ. */
export function sharedNote(rows) {
    const notes = new Set(rows.map(noteOf));
    return rows.length > 1 && notes.size === 1 ? [...notes][0] : "";
}

/** How the numbers of a row are written: three significant digits, all in one scale. */
export class RowScale {
    /** @param {Object} row with its cells and their details */
    constructor({ cells, latest }) {
        this.unit = unitOfAnswer(latest.unit);
        const numbers = [...cells.map(({ numbers }) => numbers.actual), latest.target];
        const sizes = numbers.filter((each) => typeof each === "number").map(Math.abs);
        const largest = Number(Math.max(0, ...sizes).toPrecision(SIGNIFICANT));
        [this.size, this.letter] = STEPS.find(([size]) => largest >= size) || [1, ""];
    }

    /** The unit with the letter that counts thousands: “k€”. */
    get label() {
        const { before, after } = unitSymbols(this.unit, this.letter);
        return `${before}${after}`.trim();
    }

    write(value, decimals = this.unit.decimals) {
        if (this.letter) {
            return significant(value / this.size, SIGNIFICANT);
        }
        return compactParts(value, { ...this.unit, decimals }).number;
    }

    /** The target, or the good range; a target to date is seldom exact. */
    writeTarget({ target, low, high }, isRunning) {
        const { decimals } = this.unit;
        const write = (value) => {
            const isPart = isRunning && !Number.isInteger(value);
            return this.write(value, isPart ? Math.max(decimals, 1) : decimals);
        };
        if (target !== null) {
            return write(target);
        }
        if (low !== null && high !== null) {
            return `${write(low)} – ${write(high)}`;
        }
        if (low !== null) {
            return `≥ ${write(low)}`;
        }
        return high === null ? "" : `≤ ${write(high)}`;
    }

    /** The change to the period before; of almost nothing a percentage says no more. */
    writeChange({ before, after }) {
        const { unit } = this;
        if (before === null || after === null || unit.kind === "boolean") {
            return "";
        }
        if (unit.kind !== "percent" && isFar(after, before)) {
            return _t("from %(before)s to %(after)s", {
                before: compact(before, unit),
                after: compact(after, unit),
            });
        }
        return change(after, before, unit);
    }
}

/** Whether a change is for the better; "" if that is not known. */
export function toneOfChange({ after, before, direction }) {
    if (direction === "range" || before === null || after === null || after === before) {
        return "";
    }
    return after > before === (direction === "higher") ? "good" : "bad";
}
