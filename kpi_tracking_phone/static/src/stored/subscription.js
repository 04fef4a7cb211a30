import { readShell, writeShell } from "./keep";
import { callPhone } from "./server";

/**
 * Have messages about KPIs come by a subscription, and note how for `renewSubscription`.
 *
 * @param {PushSubscription} subscription
 * @param {{key: string, showsNumbers: boolean, web: string|false}} how `key` is the server's,
 *      `web` the address of Odoo's own page in this browser
 */
export async function register(subscription, { key, showsNumbers, web }) {
    const described = { ...subscription.toJSON(), vapid_public_key: key };
    await callPhone("register_push", described, web, showsNumbers);
    const { db, uid } = (await readShell("last")) || {};
    await writeShell("push", { db, key, showsNumbers, uid, web });
}

/** Once more, where whoever is signed in is notified: the browser may have another one by now. */
export async function renewSubscription(pushManager) {
    const [push, last] = await Promise.all([readShell("push"), readShell("last")]);
    if (push && push.db === last?.db && push.uid === last.uid) {
        const options = { applicationServerKey: push.key, userVisibleOnly: true };
        await register(await pushManager.subscribe(options), push);
    }
}
