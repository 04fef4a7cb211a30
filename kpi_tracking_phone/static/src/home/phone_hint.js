import { useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { patch } from "@web/core/utils/patch";
import { Home } from "@kpi_tracking/home/home";
import { openPhoneApp } from "../eager/phone_dialog";

const SHOWN = "kpi_phone_hint";

/** Once, on a phone: the overview says that there is an app. */
patch(Home.prototype, {
    setup() {
        super.setup();
        const isNew = this.env.isSmall && !browser.localStorage.getItem(SHOWN);
        this.phoneHint = useState({ isShown: Boolean(isNew) });
        if (isNew) {
            browser.localStorage.setItem(SHOWN, "1");
        }
    },

    closePhoneHint() {
        this.phoneHint.isShown = false;
    },

    openPhoneApp() {
        openPhoneApp(this.env);
    },
});
