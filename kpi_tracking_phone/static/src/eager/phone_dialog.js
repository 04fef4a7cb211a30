import { Component } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { url } from "@web/core/utils/urls";

const APP = "/scoped_app/kpi";
const SIZE = 240; // pixels

/** The address of the app, to be read by the camera of a phone. */
export class PhoneDialog extends Component {
    static template = "kpi_tracking_phone.PhoneDialog";
    static components = { Dialog };
    static props = { close: { type: Function } };

    setup() {
        this.path = APP;
    }

    get address() {
        return `${browser.location.origin}${APP}`;
    }

    get code() {
        return findCode(this.address);
    }
}

/** @returns {string} where Odoo draws an address as a QR code */
export function findCode(value) {
    return url("/report/barcode/", { barcode_type: "QR", height: SIZE, value, width: SIZE });
}

/** On a phone the app is opened at once. */
export function openPhoneApp(env) {
    if (env.isSmall) {
        browser.location.assign(APP);
    } else {
        env.services.dialog.add(PhoneDialog);
    }
}

registry.category("user_menuitems").add("kpi_phone", (env) => ({
    type: "item",
    id: "kpi_phone",
    description: _t("KPIs on Your Phone"),
    callback: () => openPhoneApp(env),
    sequence: 46,
}));
