import { Component } from "@odoo/owl";

const PERCENT = 100;

/** Intervals on one axis, with a mark at the value of each that has one. */
export class Ranges extends Component {
    static template = "kpi_bi_dashboard.Ranges";
    static props = { open: { type: Function }, rows: { type: Array } };

    get scale() {
        const ends = this.props.rows.flatMap(({ low, value, high }) => [low, value, high]);
        const known = ends.filter((one) => Number.isFinite(one));
        const least = Math.min(0, ...known);
        const span = Math.max(0, ...known) - least || 1;
        return (value) => (PERCENT * (value - least)) / span;
    }

    get rows() {
        const place = this.scale;
        return this.props.rows.map((row) => {
            const [low, high] = [row.low ?? row.value, row.high ?? row.value];
            const isKnown = Number.isFinite(low) && Number.isFinite(high);
            return {
                ...row,
                bar:
                    isKnown &&
                    `inset-inline-start: ${place(low)}%; inline-size: ${place(high) - place(low)}%`,
                mark: Number.isFinite(row.value) && `inset-inline-start: ${place(row.value)}%`,
            };
        });
    }
}
