import { Component } from "@odoo/owl";
import { Waterfall } from "@kpi_tracking_analytics/screens/change/waterfall";
import { ChartSection } from "./chart_section";
import { Ranges } from "../ranges/ranges";
import { SegmentMapTile } from "../segment_map/segment_map_tile";
import { TriangleTile } from "../triangle/triangle_tile";

const PERCENT = 100;

/** A part of a page, drawn by its kind; `open` takes what a row `opens`. */
export class Section extends Component {
    static template = "kpi_bi_dashboard.Section";
    static components = { ChartSection, Ranges, SegmentMapTile, TriangleTile, Waterfall };
    static props = { open: { type: Function }, section: { type: Object } };

    get rows() {
        const { heads, opens = [], rows } = this.props.section;
        // A column of which nothing is known is one of numbers, too.
        const isNumber = heads.map(
            (_head, at) =>
                rows.some((row) => isObject(row[at])) || rows.every((row) => row[at] === "–"),
        );
        return {
            // On a phone each row is a list, unless its columns are months or days.
            isList: heads.length > 3 && !/^\d/.test(heads.at(-1)),
            heads: heads.map((text, at) => ({ text, isNumber: isNumber[at] })),
            body: rows.map((row, number) => ({
                opens: opens[number],
                cells: row.map((cell, at) => ({
                    text: isObject(cell) ? cell.text : cell,
                    isNumber: isNumber[at],
                })),
            })),
        };
    }

    get bars() {
        const { rows } = this.props.section;
        const most = Math.max(...rows.map(({ value }) => Math.abs(value)), 0) || 1;
        return rows.map((row) => ({
            ...row,
            style: `inline-size: ${(PERCENT * Math.abs(row.value)) / most}%`,
        }));
    }

    get waterfall() {
        const { first, last, steps } = this.props.section;
        const part = ({ opens, ...step }) => ({
            ...step,
            ...(opens && { open: () => this.props.open(opens) }),
        });
        return { first: part(first), last: part(last), steps: steps.map(part) };
    }
}

function isObject(cell) {
    return cell !== null && typeof cell === "object";
}
