import { Component, onMounted, onPatched, useRef } from "@odoo/owl";
import { CertifiedBadge } from "@kpi_tracking/eager/certified/certified_badge";
import { STATUSES } from "@kpi_tracking/eager/status_chip/status_chip";

const JUDGED = ["on_target", "at_risk", "off_target"];

/** A table of KPIs by period; texts come formatted, so that every paper agrees. */
export class PeriodTable extends Component {
    static template = "kpi_tracking.PeriodTable";
    static components = { CertifiedBadge };
    static props = {
        figures: { type: Array },
        onCell: { type: Function },
        onKpi: { type: Function },
        section: { type: Object },
    };

    setup() {
        this.scroller = useRef("scroller");
        this.shown = null;
        onMounted(() => this.showLatest());
        onPatched(() => this.showLatest());
    }

    /** The value has a line of its own; what else is known follows below it. */
    others(row) {
        return this.props.figures.slice(1).filter(({ key }) => row.figures.includes(key));
    }

    /** New columns are read from the latest on; who scrolls back stays there. */
    showLatest() {
        const starts = this.props.section.columns.map((column) => column.start).join();
        if (this.shown !== starts) {
            this.shown = starts;
            const { el } = this.scroller;
            el.scrollLeft = el.scrollWidth * (getComputedStyle(el).direction === "rtl" ? -1 : 1);
        }
    }

    status(cell) {
        return JUDGED.includes(cell.status) ? STATUSES[cell.status] : null;
    }

    text(cell, figure) {
        return cell.texts[figure] ?? "–";
    }

    isKnown(cell) {
        return cell.texts.actual !== undefined;
    }
}
