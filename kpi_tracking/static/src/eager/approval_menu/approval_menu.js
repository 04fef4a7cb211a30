import { Component, onMounted, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";
import { useChanged } from "@kpi_tracking/eager/refresh_queue/use_changed";

const CHANGED = "kpi_base.approvals_changed";
const MOST = 99;
const systray = registry.category("systray");

/** Number of what waits for the user's decision; opens the list of it. */
export class ApprovalMenu extends Component {
    static template = "kpi_tracking.ApprovalMenu";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.menu = useState({ count: 0, version: 0 });
        // Counting takes a while: the page comes first.
        onMounted(useChanged(CHANGED, () => this.fetch()));
        // Odoo fits the menus beside the systray before icons and numbers have their width.
        useEffect(
            () => void document.fonts.ready.then(() => systray.trigger("UPDATE")),
            () => [`${this.badge}`.length, !this.menu.count],
        );
    }

    get badge() {
        return this.menu.count > MOST ? `${MOST}+` : this.menu.count;
    }

    get label() {
        return this.menu.count ? _t("Approvals waiting for you: %s", this.badge) : _t("Approvals");
    }

    async fetch() {
        this.menu.count = await this.orm.silent.call("kpi.approval.item", "get_waiting_count");
        this.menu.version += 1;
    }

    open() {
        return this.action.doAction("kpi_base.kpi_approval_step_action_mine", {
            clearBreadcrumbs: true,
        });
    }
}

systray.add(
    "kpi_tracking.approvals",
    {
        Component: ApprovalMenu,
        isDisplayed: () => session.kpi_has_approvals,
    },
    { sequence: 23 },
);
