import { onMounted } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";
import { Home } from "@kpi_tracking/home/home";

const SHOWN = "kpi_phone_hint";

/** Once, on a phone: the overview says that there is an app. */
patch(Home.prototype, {
    setup() {
        super.setup();
        const notification = useService("notification");
        onMounted(() => {
            if (!this.env.isSmall || browser.localStorage.getItem(SHOWN)) {
                return;
            }
            browser.localStorage.setItem(SHOWN, "1");
            notification.add(_t("The phone app works offline, too."), {
                buttons: [{ name: _t("Open App"), onClick: openApp, primary: true }],
                sticky: true,
            });
        });
    },
});

function openApp() {
    browser.location.assign("/scoped_app/kpi");
}
