import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const INTERVAL = 1500; // milliseconds
const FIELDS = ["state", "progress_ratio", "error"];

/**
 * How far a job is; opens what it makes as soon as that is there. Who queued the job can
 * have more offered then: `params.offer` says which method tells what, as a `text`, a
 * `button` and the `model`, `id` and `method` of what it does; empty is nothing.
 */
export class JobProgressAction extends Component {
    static template = "kpi_base.JobProgressAction";
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.params = this.props.action.params;
        this.state = useState({ job: {} });
        this.timer = null;
        onWillStart(() => this.refresh());
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    get percent() {
        return Math.round(100 * (this.state.job.progress_ratio || 0));
    }

    get text() {
        const texts = {
            queued: _t("Waiting to start…"),
            running: _t("Computing the last 12 months…"),
            failed: _t("Some values could not be computed: %s", this.state.job.error),
            cancelled: _t("The computation was stopped."),
        };
        return texts[this.state.job.state] || "";
    }

    get isGoingOn() {
        return ["queued", "running"].includes(this.state.job.state);
    }

    async refresh() {
        const [job] = await this.orm.read("kpi.job", [this.params.job_id], FIELDS);
        this.state.job = job || { state: "done" };
        if (this.state.job.state === "done") {
            this.open();
        } else if (this.isGoingOn) {
            this.timer = browser.setTimeout(() => this.refresh(), INTERVAL);
        }
    }

    /** The result; what is not computed yet comes later. */
    async open() {
        browser.clearTimeout(this.timer);
        const { next, offer } = this.params;
        const asked = offer && this.orm.silent.call(offer.model, offer.method, offer.args);
        const found = await asked?.catch(() => null); // the result opens all the same
        const { action, notification, orm } = this.env.services; // this dialog closes
        await action.doAction(next);
        if (!found?.text) {
            return;
        }
        const accept = async () => {
            close();
            return action.doAction(await orm.call(found.model, found.method, [[found.id]]));
        };
        const buttons = [{ name: found.button, primary: true, onClick: accept }];
        const close = notification.add(found.text, { type: "info", sticky: true, buttons });
    }
}

registry.category("lazy_components").add("kpi_base.JobProgressAction", JobProgressAction);
