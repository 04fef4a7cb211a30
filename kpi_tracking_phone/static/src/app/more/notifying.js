import { _t } from "@web/core/l10n/translation";
import { writeShell } from "../../stored/keep";
import { callModel, HOME } from "../../stored/server";
import { register } from "../../stored/subscription";

const PATIENCE = 10000; // milliseconds: a push service may never answer

/** Whether this browser can be notified. */
export function canNotify(me) {
    return Boolean(me && "PushManager" in window && navigator.serviceWorker);
}

export async function isNotified() {
    return Boolean(await findSubscription());
}

/**
 * Have messages about KPIs come to the app; those of `/odoo` in this browser stop.
 *
 * @raises Error: not allowed, or the push service does not answer
 */
export async function startNotifying(phone, showsNumbers) {
    if ((await Notification.requestPermission()) !== "granted") {
        throw new Error(_t("Allow notifications in the browser."));
    }
    // The first who asks for it has the server make its key.
    const key =
        phone.me.push_key || (await callModel("mail.push.device", "get_web_push_vapid_public_key"));
    const { pushManager } = await navigator.serviceWorker.ready;
    const asked = pushManager.subscribe({ applicationServerKey: key, userVisibleOnly: true });
    const subscription = await Promise.race([asked, giveUp()]);
    const web = await findSubscription("/odoo");
    await register(subscription, { key, showsNumbers, web: web?.endpoint || false });
}

export async function stopNotifying(phone) {
    const subscription = await findSubscription();
    if (subscription) {
        await phone.ask("unregister_push", subscription.endpoint);
        await subscription.unsubscribe();
    }
    await writeShell("push", null);
}

async function findSubscription(scope = HOME) {
    const registration = await navigator.serviceWorker?.getRegistration(scope);
    return registration?.pushManager?.getSubscription();
}

function giveUp() {
    return new Promise((_resolve, reject) => {
        const problem = _t("The push service is not reachable. Try again later.");
        setTimeout(() => reject(new Error(problem)), PATIENCE);
    });
}
