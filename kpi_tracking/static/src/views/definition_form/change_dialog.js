import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { fixed as formatKpiRounded } from "@kpi_base/eager/formatting/formatting";
import { namesOfUsers } from "@kpi_tracking/eager/uses/uses";

/** From when on another way of computing holds; what it changes is shown beside it. */
export class ChangeDialog extends Component {
    static template = "kpi_tracking.ChangeDialog";
    static components = { Dialog };
    static props = {
        change: Object, // as kpi.definition.get_change returns it
        choose: Function, // with the day of a choice, and why
        close: Function,
    };

    setup() {
        const [first] = this.choices("earlier");
        this.state = useState({
            kind: this.props.change.choices[0]?.kind,
            earlier: first?.day,
            reason: "",
        });
    }

    get title() {
        return this.props.change.needs_proposal ? _t("Propose a Change") : _t("Effective From");
    }

    /** Whoever approves reads why. */
    get isComplete() {
        return !this.props.change.needs_proposal || Boolean(this.state.reason.trim());
    }

    choices(kind) {
        return this.props.change.choices.filter((each) => each.kind === kind);
    }

    get kinds() {
        const [running] = this.choices("running");
        const [next] = this.choices("next");
        const labels = {
            running: running && _t("From %s, the running period", running.label),
            next: next && _t("From %s, the next period", next.label),
            earlier: this.choices("earlier").length && _t("From an earlier period"),
            all: _t("For its full history"),
        };
        return Object.entries(labels)
            .filter(([, label]) => label)
            .map(([kind, label]) => ({ kind, label }));
    }

    get chosen() {
        const { kind, earlier } = this.state;
        const isChosen = (each) =>
            each.kind === kind && (kind !== "earlier" || each.day === earlier);
        return this.props.change.choices.find(isChosen);
    }

    /** What becomes of values of closed periods, a sentence each. */
    get closedTexts() {
        if (!this.chosen) {
            return [];
        }
        const { closed_count, judged_count, locked_count } = this.chosen;
        if (!closed_count) {
            return [_t("Values of closed periods do not change.")];
        }
        return [
            _t("Values to recalculate: %s.", closed_count),
            judged_count && _t("Periods keeping their status: %s.", judged_count),
            locked_count && _t("Locked but still recalculated: %s.", locked_count),
        ].filter(Boolean);
    }

    get rows() {
        const { points, unit } = this.props.change;
        // In full: what differs by little is seen to differ.
        const format = (value) => (typeof value === "number" ? formatKpiRounded(value, unit) : "–");
        const rows = points.map(({ label, old, new: changed, start }) => ({
            label,
            old: format(old),
            changed: format(this.isWithin(start) ? changed : old),
        }));
        // The latest first: that is what most changes are about.
        return rows.reverse().map((row) => ({ ...row, isChanged: row.old !== row.changed }));
    }

    /** Whether what is chosen changes the period that begins on a day. */
    isWithin(start) {
        const { day, kind } = this.chosen;
        return kind === "all" || start >= day;
    }

    names(users) {
        return namesOfUsers(users);
    }

    save() {
        this.props.choose({ day: this.chosen?.day || false, reason: this.state.reason });
        this.props.close();
    }
}
