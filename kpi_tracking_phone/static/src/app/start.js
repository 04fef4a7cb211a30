import { App, whenReady } from "@odoo/owl";
import { appTranslateFn } from "@web/core/l10n/translation";
import { getTemplate } from "@web/core/templates";
import { HOME } from "../stored/server";
import { Phone } from "./phone";
import { PhoneApp } from "./shell/phone_app";
import { followWorker } from "./shell/versions";

/** Shows what is kept, then asks for what is new. */
async function start() {
    const phone = new Phone();
    const switchVersion = followWorker(phone.state, HOME);
    await phone.start();
    const app = new App(PhoneApp, {
        env: { go: {}, phone, switchVersion },
        getTemplate,
        name: "kpi_phone",
        translatableAttributes: ["aria-label", "placeholder", "title"],
        translateFn: appTranslateFn,
    });
    await app.mount(document.body);
    await navigator.storage?.persist?.(); // what waits is not to make room for other sites
}

whenReady(start);
