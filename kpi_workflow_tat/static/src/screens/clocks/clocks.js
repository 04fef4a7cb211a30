import { Component, onWillUnmount, useExternalListener, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { describeTime, formatClock, judgeClock, readClock } from "./clock_time";
import { weekdayMoment } from "@kpi_base/eager/formatting/formatting";

const { DateTime } = luxon;
const SECOND = 1000;
// What changes when somebody acts on a request or its clocks.
const WATCHED = ["approval_turn", "clock", "due_at", "priority", "status"];

/** Clocks as bars, each with what is left. Knows nothing of records. */
export class Clocks extends Component {
    static template = "kpi_workflow_tat.Clocks";
    static props = {
        asked: { type: Number },
        clocks: { type: Array },
        now: { type: Number },
    };

    get rows() {
        return this.props.clocks.map((clock) => this.describe(clock));
    }

    describe(clock) {
        const shown = readClock(clock, this.props.asked, this.props.now);
        const isOpen = clock.clock === "running" || clock.clock === "held";
        const tone = clock.clock === "waiting" ? "muted" : judgeClock(shown);
        return {
            ...clock,
            label: _t("Level %(level)s, %(person)s", clock),
            isOpen,
            note: this.note(clock, shown),
            text: this.text(clock, shown),
            tone,
            width: Math.min(shown.percent, 100),
        };
    }

    text(clock, shown) {
        if (clock.clock === "waiting") {
            return _t("%s allowed", formatClock(clock.allowed));
        }
        if (clock.clock === "stopped") {
            return _t("%(elapsed)s of %(allowed)s", {
                elapsed: formatClock(shown.elapsed),
                allowed: formatClock(clock.allowed),
            });
        }
        return describeTime(shown);
    }

    /** Why a clock stands still, or what became of it. */
    note(clock, shown) {
        if (clock.clock === "held") {
            return _t("On hold");
        }
        if (clock.clock !== "running") {
            return clock.decision;
        }
        if (shown.nextStart) {
            const zone = user.tz || "default";
            const start = DateTime.fromSeconds(shown.nextStart, { zone });
            const moment = weekdayMoment(start);
            return _t("Outside working hours, resumes %s", moment);
        }
        return clock.is_of_group ? _t("Not claimed yet") : "";
    }
}

/**
 * The clocks of a request or of one level on its form; they go on by themselves:
 * `<widget name="kpi_tat_clocks" />`
 */
export class ClocksWidget extends Component {
    static template = "kpi_workflow_tat.ClocksWidget";
    static components = { Clocks };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ told: null, now: 0 });
        useRecordObserver((record) => this.load(record, this.watch(record)));
        const timer = browser.setInterval(() => this.tick(), SECOND);
        onWillUnmount(() => browser.clearInterval(timer));
        useExternalListener(document, "visibilitychange", () => this.wake());
    }

    /** Have what people change on a record make the widget ask again. */
    watch(record) {
        return WATCHED.map((name) => record.data[name]);
    }

    async load({ resId, resModel }) {
        if (!resId) {
            this.state.told = null;
            return;
        }
        const told = await this.orm.silent.call(resModel, "get_clocks", [resId]);
        // The server's clock counts, whatever the one of this computer says.
        this.ahead = told.now - Date.now() / SECOND;
        Object.assign(this.state, { told, now: told.now });
    }

    /** Go on, also right after the computer slept; ask again where no more is known. */
    tick() {
        const { told } = this.state;
        if (!told || !told.clocks.some(({ clock }) => clock === "running")) {
            return;
        }
        const now = Math.round(Date.now() / SECOND + this.ahead);
        this.state.now = now;
        const isKnown = told.clocks.every((one) => readClock(one, told.now, now).isKnown);
        if (!isKnown && !this.isAsking) {
            this.wake();
        }
    }

    /** Somebody looks again: others may have decided meanwhile. */
    async wake() {
        if (document.visibilityState !== "visible" || !this.state.told) {
            return;
        }
        this.isAsking = true;
        try {
            await this.load(this.props.record);
        } finally {
            this.isAsking = false;
        }
    }
}

registry.category("lazy_components").add("kpi_workflow_tat.ClocksWidget", ClocksWidget);
