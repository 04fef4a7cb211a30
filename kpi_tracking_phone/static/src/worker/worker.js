import { countKept, sendKept } from "../stored/outbox";
import { forgetLast } from "../stored/keep";
import { SessionOver, Unreachable, UNSENT_COOKIE, USER_COOKIE } from "../stored/server";
import { listenToPush, listPages } from "./push";

const { page, urls, version } = self.kpiShell;
const CACHE = `kpi_phone ${version}`;
const OWN = /^kpi_phone /;
/** Below the scope, but no screens. */
const NO_SCREENS = /\/(worker\.js|manifest\.webmanifest|shown)$/;

/** Fetch a part of the shell; the page of a hotel's network is none. */
async function fetchPart(url) {
    const response = await fetch(url, { cache: "no-cache" });
    const isPage = url === page;
    const isOurs = isPage
        ? response.headers.get("X-Kpi-Shell") === version
        : /css|javascript/.test(response.headers.get("Content-Type"));
    if (!response.ok || response.redirected || !isOurs) {
        throw new Error(`${url} is not what belongs to version ${version}`);
    }
    return response;
}

async function install() {
    const cache = await caches.open(CACHE);
    await Promise.all([page, ...urls].map(async (url) => cache.put(url, await fetchPart(url))));
}

/** Shells before this one are not needed any more. */
async function activate() {
    const names = await caches.keys();
    const old = names.filter((name) => OWN.test(name) && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
}

/** The page of a screen, or a bundle: from the cache, else from the server. */
async function serve(request, url) {
    const cache = await caches.open(CACHE);
    return (await cache.match(url)) || fetch(request);
}

function findCached(request) {
    const { origin, pathname } = new URL(request.url);
    if (origin !== self.location.origin || request.method !== "GET") {
        return "";
    }
    const isScreen = pathname === page || pathname.startsWith(`${page}/`);
    if (request.mode === "navigate") {
        return isScreen && !NO_SCREENS.test(pathname) ? page : "";
    }
    return urls.includes(pathname) ? pathname : "";
}

/** Whether the session of this browser is that of whose data is kept. */
async function isSignedIn({ db, uid }) {
    const cookie = await self.cookieStore?.get(USER_COOKIE);
    return cookie?.value === `${db}-${uid}`;
}

/** What a page does when it is there: without one the worker sends. */
async function send() {
    try {
        if (await sendKept(isSignedIn)) {
            (await listPages()).forEach((each) => each.postMessage({ type: "sent" }));
        }
    } catch (error) {
        if (error instanceof SessionOver) {
            return forgetLast();
        }
        if (error instanceof Unreachable) {
            throw error; // the browser tries again by itself
        }
        // What the server refuses is shown by the page.
    } finally {
        await noteUnsent();
    }
}

/** Signing out on Odoo's pages leaves on this phone what was not sent. */
async function noteUnsent() {
    const value = String(await countKept());
    await self.cookieStore?.set({ name: UNSENT_COOKIE, path: "/", sameSite: "lax", value });
}

self.addEventListener("install", (ev) => ev.waitUntil(install()));
self.addEventListener("activate", (ev) => ev.waitUntil(activate()));
self.addEventListener("fetch", (ev) => {
    const url = findCached(ev.request);
    if (url) {
        ev.respondWith(serve(ev.request, url));
    }
});
self.addEventListener("sync", (ev) => {
    if (ev.tag === "kpi_phone") {
        ev.waitUntil(send());
    }
});
self.addEventListener("message", ({ data }) => {
    if (data?.type === "switch") {
        self.skipWaiting();
    }
});

listenToPush(send);
