import { Component, useRef, useState } from "@odoo/owl";
import { hasTouch } from "@web/core/browser/feature_detection";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { utils } from "@web/core/ui/ui_service";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";
import { onDemand } from "@kpi_base/eager/on_demand/on_demand";
import { useChanged } from "@kpi_tracking/eager/refresh_queue/use_changed";

export const CHANGED = "kpi_tracking_alert.changed";
const MOST = 99;

/** Place of the centre: a sheet measures it before what it shows is loaded. */
class CentreFrame extends Component {
    static template = "kpi_tracking_alert.CentreFrame";
    static components = {
        AlertCentre: onDemand("kpi_tracking_alert.AlertCentre", "kpi_tracking.assets_home"),
    };
    static props = { close: { type: Function }, menu: { type: Object } };
}

/** Number of the KPIs whose alerts wait for the user, and below it what needs them. */
export class AlertMenu extends Component {
    static template = "kpi_tracking_alert.AlertMenu";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.toggler = useRef("toggler");
        this.menu = useState({ count: session.kpi_waiting_alerts, isOpen: false, version: 0 });
        this.popover = usePopover(CentreFrame, {
            animation: false,
            arrow: false,
            closeOnClickAway: (target) => !this.toggler.el.contains(target),
            onClose: () => (this.menu.isOpen = false),
            popoverClass: "o_kpi_centre_menu",
            position: "bottom-end",
            useBottomSheet: utils.isSmall() && hasTouch(),
        });
        useChanged(CHANGED, () => this.fetch());
    }

    get badge() {
        return this.menu.count > MOST ? `${MOST}+` : this.menu.count;
    }

    get label() {
        const { count } = this.menu;
        return count ? _t("KPI alerts. KPIs that need attention: %s", count) : _t("KPI alerts");
    }

    async fetch() {
        this.menu.count = await this.orm.silent.call("kpi.alert.event", "get_waiting_count");
        this.menu.version += 1;
    }

    toggle() {
        if (this.menu.isOpen) {
            return this.popover.close();
        }
        this.menu.isOpen = true;
        const close = () => this.popover.close(); // a sheet does not pass its own
        this.popover.open(this.toggler.el, { close, menu: this.menu });
    }
}

registry.category("systray").add(
    "kpi_tracking_alert.menu",
    {
        Component: AlertMenu,
        isDisplayed: () => Number.isInteger(session.kpi_waiting_alerts),
    },
    { sequence: 22 },
);
