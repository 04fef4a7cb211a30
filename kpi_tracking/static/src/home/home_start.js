import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { compactParts, full as formatFull } from "@kpi_base/eager/formatting/formatting";
import { unitOfAnswer } from "../eager/kpi_format/kpi_unit";
import { Sparkline, trendLabel } from "../eager/sparkline/sparkline";

/**
 * The first question to an officer whose company has no KPIs: which area to see. Each area is a
 * card with a number from the officer's own records; an own KPI, a file or sample data come after.
 */
export class HomeStart extends Component {
    static template = "kpi_tracking.HomeStart";
    static components = { Sparkline };
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ busy: "", start: null });
        onWillStart(async () => {
            this.state.start = await this.orm.call("kpi.home", "get_start");
        });
    }

    /** Cards as they are drawn; the first one is suggested. */
    get cards() {
        return this.state.start.cards.map((card, at) => ({
            ...card,
            ...valueOf(card.kpi),
            button: _t("Show %s KPIs", card.name),
            isFirst: !at,
            key: keyOf(card),
        }));
    }

    get others() {
        return this.state.start.others.map((area) => ({ ...area, key: keyOf(area) }));
    }

    get steps() {
        return this.state.start.steps;
    }

    get doneCount() {
        return this.steps.filter(({ is_done }) => is_done).length;
    }

    get progress() {
        return _t("%(done)s of %(all)s", { all: this.steps.length, done: this.doneCount });
    }

    /** Turn on the KPIs of an area, once, and go where they are shown. */
    async begin(area) {
        this.state.busy = keyOf(area);
        try {
            await this.action.doAction(
                await this.orm.call(area.model, "action_start", [[area.id]]),
            );
        } finally {
            this.state.busy = "";
        }
    }

    define() {
        return this.action.doAction("kpi_tracking.kpi_definition_action", { viewType: "form" });
    }

    importFile() {
        return this.action.doAction("kpi_base.kpi_import_action");
    }

    openGallery() {
        return this.action.doAction("kpi_tracking.kpi_gallery_set_action");
    }

    async explore() {
        const shown = await this.orm.call("kpi.example", "action_try");
        return this.action.doAction(shown, { clearBreadcrumbs: true });
    }
}

function keyOf({ id, model }) {
    return `${model},${id}`;
}

/** The last number of a KPI as `parts`, with its period and trend; without one all are empty. */
function valueOf({ points, unit }) {
    const last = points.findLast(({ value }) => typeof value === "number");
    if (!last) {
        return { exact: "", parts: null, period: "", points: [] };
    }
    const format = unitOfAnswer(unit);
    return {
        exact: formatFull(last.value, format),
        isRunning: last.running,
        parts: compactParts(last.value, format),
        period: last.running ? _t("%s so far", last.label) : last.label,
        points,
        trend: trendLabel(points, format),
    };
}
