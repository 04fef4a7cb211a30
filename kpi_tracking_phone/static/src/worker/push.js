/** Notifications of the app, in its service worker. */
import { findNow, Keep } from "../stored/keep";
import { Outbox } from "../stored/outbox";
import { HOME } from "../stored/server";
import { renewSubscription } from "../stored/subscription";

const SNOOZE = 3600 * 1000; // milliseconds

/** A declarative message (`web_push: 8030`), or what is shown where it is none. */
export function readMessage(data) {
    try {
        const { app_badge, notification } = data.json();
        if (notification?.title) {
            return { badge: notification.app_badge ?? app_badge, ...notification };
        }
    } catch {
        // Something is shown all the same: iOS ends subscriptions that are silent.
    }
    return { title: "KPIs" };
}

/** Show a message, and say so: else an e-mail follows. */
export async function showMessage(message) {
    const { badge, body, data = {}, dir, lang, navigate, tag, title } = message;
    const words = (data.event_id && data.words) || {};
    const actions = Object.entries(words).map(([action, word]) => ({ action, title: word }));
    await self.registration.showNotification(title, {
        actions,
        badge: "/kpi_tracking_phone/static/description/icon.png",
        body,
        data: { ...data, navigate, title },
        dir,
        icon: "/kpi_tracking_phone/static/description/icon.png",
        lang,
        renotify: Boolean(tag),
        tag,
    });
    if (badge !== undefined) {
        await self.navigator.setAppBadge?.(badge).catch(() => {});
    }
    if (data.token) {
        const method = "POST";
        const options = { body: new URLSearchParams({ token: data.token }), method };
        await fetch(`${HOME}/shown`, { ...options, credentials: "omit" }).catch(() => {});
    }
}

/** Pages of the app that are open. */
export async function listPages() {
    const pages = await self.clients.matchAll({ type: "window" });
    return pages.filter(({ url }) => new URL(url).pathname.startsWith(HOME));
}

/** Open the alert, in the app where it is open already. */
async function open({ navigate }) {
    const url = new URL(navigate || HOME, self.location.origin);
    const address = `${self.location.origin}${url.pathname}${url.hash}`;
    const [page] = await listPages();
    if (!page) {
        return self.clients.openWindow(address);
    }
    page.postMessage({ type: "open", path: `${url.pathname}${url.hash}` });
    await page.focus();
}

/** Keep what was chosen on a notification as what is done in the app: sent once. */
export async function act(action, data, send) {
    const keep = await Keep.openLast();
    if (!keep) {
        return open(data);
    }
    const { event_id, event_ids = [], title } = data;
    const chosen = { event_id, event_ids };
    try {
        if (action === "snooze") {
            const now = findNow((await keep.readAll()).about);
            chosen.until = new Date(now.getTime() + SNOOZE).toISOString();
        }
        await new Outbox(keep).add({ about: { title }, data: chosen, kind: action });
    } finally {
        keep.close();
    }
    (await listPages()).forEach((page) => page.postMessage({ type: "kept" }));
    await send();
}

/** @param {() => Promise} send what waits in the outbox */
export function listenToPush(send) {
    self.addEventListener("push", (ev) => {
        ev.waitUntil(showMessage(readMessage(ev.data)));
    });
    self.addEventListener("pushsubscriptionchange", (ev) => {
        ev.waitUntil(renewSubscription(self.registration.pushManager));
    });
    self.addEventListener("notificationclick", (ev) => {
        const data = ev.notification.data || {};
        ev.notification.close();
        ev.waitUntil(ev.action ? act(ev.action, data, send) : open(data));
    });
}
