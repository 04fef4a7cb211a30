import { Component, useState } from "@odoo/owl";

const { DateTime, Info } = luxon;
const FIRST = 1900; // calendars begin here

/** Twelve months of a year; those to come cannot be chosen. */
export class MonthPicker extends Component {
    static template = "kpi_tracking_dashboard.MonthPicker";
    static props = {
        choose: { type: Function }, // (ISO day)
        start: { type: [String, { value: null }], optional: true }, // a day of the month chosen
    };

    setup() {
        this.today = DateTime.local();
        this.state = useState({ year: (this.chosen || this.today).year });
    }

    get chosen() {
        const { start } = this.props;
        return start ? DateTime.fromISO(start) : null;
    }

    get months() {
        const { year } = this.state;
        return Info.months("short").map((name, at) => {
            const first = DateTime.local(year, at + 1, 1);
            return {
                day: first.toISODate(),
                isOn: Boolean(this.chosen?.hasSame(first, "month")),
                isTooLate: first > this.today,
                name,
            };
        });
    }

    get isFirst() {
        return this.state.year <= FIRST;
    }

    get isLast() {
        return this.state.year >= this.today.year;
    }

    turn(years) {
        this.state.year += years;
    }
}
