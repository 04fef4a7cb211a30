import { Component, onWillUnmount, useEffect } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { percent } from "../../eager/formatting/formatting";

const INTERVAL = 2000; // milliseconds

/** Progress of a job; read again while it goes on and the page is looked at. */
export class JobProgressField extends Component {
    static template = "kpi_base.JobProgressField";
    static props = { ...standardFieldProps };

    setup() {
        this.timer = null;
        useEffect(
            (isGoingOn) => {
                if (isGoingOn) {
                    this.timer = browser.setTimeout(() => this.refresh(), INTERVAL);
                }
                return () => browser.clearTimeout(this.timer);
            },
            () => [this.isGoingOn, this.props.record],
        );
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    get isGoingOn() {
        const { data, model } = this.props.record;
        return !model.useSampleModel && ["queued", "running"].includes(data.state);
    }

    get percent() {
        return Math.round(100 * this.props.record.data[this.props.name]);
    }

    get text() {
        const { state, step_count: count, step_done_count: done } = this.props.record.data;
        if (state === "running" && count) {
            return _t("%(done)s of %(count)s", { done, count });
        }
        return state === "queued" ? _t("Waiting") : percent(this.percent / 100, 0);
    }

    /** One request at a time, the next one after the answer. */
    async refresh() {
        if (!document.hidden && !this.props.record.dirty) {
            await this.props.record.load();
        }
        if (this.isGoingOn) {
            browser.clearTimeout(this.timer);
            this.timer = browser.setTimeout(() => this.refresh(), INTERVAL);
        }
    }
}

registry.category("lazy_components").add("kpi_base.JobProgressField", JobProgressField);
