import { after, beforeEach, describe, expect, test } from "@odoo/hoot";
import { waitUntil } from "@odoo/hoot-dom";
import { advanceTime, mockDate, mockFetch } from "@odoo/hoot-mock";
import { cookie } from "@web/core/browser/cookie";
import { patchWithCleanup } from "@web/../tests/web_test_helpers";
import { Phone } from "@kpi_tracking_phone/app/phone";
import { ageInDays, momentOf } from "@kpi_tracking_phone/app/when";
import { change, read, seal } from "@kpi_tracking_phone/stored/database";
import { findNow, Keep, writeShell } from "@kpi_tracking_phone/stored/keep";
import { Outbox, sendKept } from "@kpi_tracking_phone/stored/outbox";
import {
    SessionOver,
    Unreachable,
    UNSENT_COOKIE,
    USER_COOKIE,
} from "@kpi_tracking_phone/stored/server";
import { CARD } from "./phone_case";

const AT = "2026-10-01T08:55:00Z";
const DAY = 24 * 3600 * 1000;
const SECRET = "Order value 639 k€";

let keep, outbox, scope;
let uid = 0;

/** What `kpi.phone.sync` answers. */
function answer(rows, gone = []) {
    const me = { ...scope, asleep_days: 14, lang: "en_US" };
    const digested = Object.entries(rows).map(([key, data]) => [key, { digest: "0a1b", data }]);
    return { at: AT, gone, me, rows: Object.fromEntries(digested) };
}

/** A server that does what it is sent, unless `reply` says otherwise. */
function serve(reply = () => ({ state: "done" })) {
    const requests = [];
    mockFetch((url, { body }) => {
        const items = JSON.parse(body).params.args[0];
        requests.push(items);
        const result = items.map((item) => ({ uuid: item.uuid, ...reply(item, requests) }));
        return json({ jsonrpc: "2.0", result });
    });
    return requests;
}

const json = (content) =>
    new Response(JSON.stringify(content), { headers: { "Content-Type": "application/json" } });
const entry = (value) => ({ kind: "entry", data: { report_id: 1, period: "2026-10-01", value } });
const values = async () => (await outbox.list()).map(({ data }) => data.value);

/** Hoot's own encrypts nothing. */
function useRealCrypto() {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const { crypto: real } = frame.contentWindow;
    patchWithCleanup(crypto, {
        getRandomValues: (array) => real.getRandomValues(array),
        randomUUID: () => real.randomUUID(),
        subtle: real.subtle,
    });
    after(() => frame.remove());
}

beforeEach(async () => {
    useRealCrypto();
    uid += 1; // each test has a database of its own
    scope = { db: `hoot ${Date.now()}`, uid, company_id: 1 };
    keep = await Keep.open(scope);
    outbox = new Outbox(keep);
});

describe("rows", () => {
    test("what is written is read, and nobody reads it in the file", async () => {
        await keep.write(answer({ "card:1": { name: SECRET }, needs: [] }));
        const { about, digests, rows } = await keep.readAll();
        expect(rows).toEqual({ "card:1": { name: SECRET }, needs: [] });
        expect(digests["card:1"]).toBe("0a1b");
        expect(about.at).toBe(AT);
        const raw = await read(keep.database, "rows", (store) => store.get("card:1"));
        expect(new TextDecoder().decode(raw.bytes)).not.toInclude("Order");
        await expect(crypto.subtle.exportKey("raw", keep.key)).rejects.toThrow();
    });

    test("what is gone goes, and the rest stays", async () => {
        await keep.write(answer({ "card:1": 1, "card:2": 2 }));
        await keep.write(answer({ "card:3": 3 }, ["card:1"]));
        expect((await keep.readAll()).rows).toEqual({ "card:2": 2, "card:3": 3 });
    });

    test("after 14 days nothing is left but what was not sent", async () => {
        await keep.write(answer({ "card:1": 1 }));
        await outbox.add(entry(5));
        expect((await keep.readAll(Date.now() + 13 * DAY)).rows).toEqual({ "card:1": 1 });
        expect((await keep.readAll(Date.now() + 15 * DAY)).about).toBe(null);
        expect((await keep.readAll()).rows).toEqual({});
        expect(await values()).toEqual([5]);
    });

    test("what is being typed is sealed, and no row", async () => {
        await keep.write(answer({ "card:1": 1 }));
        await keep.writeDraft("2/0/2026-09-01", { text: SECRET });
        const raw = await read(keep.database, "rows", (rows) => rows.get("draft:2/0/2026-09-01"));
        expect(new TextDecoder().decode(raw.bytes)).not.toInclude("Order");
        expect((await keep.readAll()).rows).toEqual({ "card:1": 1 });
        expect(await keep.readDraft("2/0/2026-09-01")).toEqual({ text: SECRET });
        await keep.writeDraft("2/0/2026-09-01", null);
        expect(await keep.readDraft("2/0/2026-09-01")).toBe(null);
    });

    test("a clock that was set back deletes nothing", async () => {
        await keep.write(answer({ "card:1": 1 }));
        expect((await keep.readAll(Date.now() - 30 * DAY)).rows).toEqual({ "card:1": 1 });
    });

    test("another user's rows go, what they have not sent stays sealed", async () => {
        await keep.write(answer({ "card:1": 1 }));
        await outbox.add(entry(5));
        await Keep.forgetOthers({ db: scope.db, uid: uid + 1000 });
        expect((await keep.readAll()).about).toBe(null);
        expect(await values()).toEqual([5]);
    });

    test("without the key a row counts as not there, an item as unreadable", async () => {
        await keep.write(answer({ "card:1": 1, "card:2": 2 }));
        const other = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
            "encrypt",
        ]);
        const sealed = await seal(other, 1);
        await change(keep.database, "rows", (store) => store.put(sealed, "card:1"));
        await change(keep.database, "outbox", (store) => store.add({ uuid: "u", sealed }));
        expect((await keep.readAll()).rows).toEqual({ "card:2": 2 });
        expect((await outbox.list())[0].isLost).toBe(true);
        expect(serve()).toEqual([]);
        await outbox.send();
        expect(await outbox.list()).toHaveLength(1);
    });

    test("a phone whose clock is a day wrong shows what came as just come", async () => {
        for (const wrong of [-DAY, DAY]) {
            const about = await keep.write(answer({}), Date.parse(AT) + wrong);
            mockDate(new Date(Date.parse(AT) + wrong + 60000).toISOString());
            // the clock of the page runs on
            expect(findNow(about).toISOString()).toMatch("2026-10-01T08:56:00.");
            expect(ageInDays(momentOf(about.at), findNow(about))).toBe(0);
        }
    });

    test("each company has a phone of its own, and what waits says of which it is", async () => {
        await keep.write(answer({ "card:1": CARD }));
        await outbox.add(entry(5));
        await writeShell("last", { ...scope, lang: "en_US" });
        const user = `${scope.db}-${uid}`;
        cookie.set(USER_COOKIE, user);
        const phone = new Phone();
        await phone.start(user);
        expect(phone.cards).toHaveLength(1);
        const sent = [];
        mockFetch((url, { body } = {}) => {
            const items = url.endsWith("exchange") ? JSON.parse(body).params.args[0] : [];
            sent.push(...items);
            const me = { ...answer({}).me, company_id: 2 }; // chosen in Odoo meanwhile
            const answers = items.map((item) => ({ uuid: item.uuid, state: "done" }));
            return json({ jsonrpc: "2.0", result: { ...answer({}), answers, me } });
        });
        await phone.refresh();
        expect(sent.map(({ company_id }) => company_id)).toEqual([1]);
        expect(phone.cards).toEqual([]);
        expect((await phone.outbox.add(entry(6))).company_id).toBe(2);
        expect(await values()).toEqual([]);
        expect(Object.keys((await keep.readAll()).rows)).toEqual(["card:1"]);
    });

    test("what waits in other companies is listed, sent and retried", async () => {
        const other = new Outbox(await Keep.open({ ...scope, company_id: 2 }));
        await other.add(entry(8));
        await keep.write(answer({ "card:1": CARD }));
        await writeShell("last", { ...scope, lang: "en_US" });
        const user = `${scope.db}-${uid}`;
        cookie.set(USER_COOKIE, user);
        const phone = new Phone();
        await phone.start(user);
        expect(phone.state.items.map(({ company_id }) => company_id)).toEqual([2]);
        let isDown = true;
        const asked = [];
        mockFetch((url, { body } = {}) => {
            const method = url.split("/").at(-1);
            asked.push(method);
            if (method !== "flush") {
                return json({ jsonrpc: "2.0", result: answer({}) });
            }
            const items = JSON.parse(body).params.args[0];
            return isDown
                ? Promise.reject(new TypeError("cut"))
                : json({
                      jsonrpc: "2.0",
                      result: items.map(({ uuid }) => ({ uuid, state: "done" })),
                  });
        });
        await phone.refresh();
        expect(asked.slice(0, 2)).toEqual(["flush", "sync"]); // which follows whatever was not sent
        expect(phone.state.isOnline).toBe(true);
        expect(phone.state.problem).toBe("Some items were not sent. Retrying…");
        isDown = false;
        await advanceTime(5000);
        await waitUntil(() => !phone.state.items.length);
        expect(await other.list()).toEqual([]);
    });

    /** A page whose session is that of `scope`. */
    async function openPhone() {
        await writeShell("last", { ...scope, lang: "en_US" });
        const user = `${scope.db}-${uid}`;
        cookie.set(USER_COOKIE, user);
        const phone = new Phone();
        await phone.start(user);
        return phone;
    }

    /** A server that answers `sync` and `exchange`; returns the methods that were called. */
    function serveAll(reply = () => ({ state: "done" })) {
        const asked = [];
        mockFetch((url, { body } = {}) => {
            const method = new URL(url, location.origin).pathname.split("/").at(-1);
            if (method === "translations") {
                return json({});
            }
            asked.push(method);
            const given = JSON.parse(body).params.args[0];
            const items = method === "sync" ? [] : given;
            const answers = items.map((item) => ({ uuid: item.uuid, ...reply(item) }));
            const result = method === "flush" ? answers : { ...answer({}), answers };
            return json({ jsonrpc: "2.0", result });
        });
        return asked;
    }

    test("what waits is sent and what changed is asked in one request", async () => {
        await keep.write(answer({ "card:1": CARD }));
        await outbox.add(entry(5));
        await outbox.add(entry(6));
        const phone = await openPhone();
        const asked = serveAll();
        await phone.refresh();
        expect(asked).toEqual(["exchange"]);
        expect(await values()).toEqual([]);
        await phone.refresh();
        expect(asked).toEqual(["exchange", "sync"]);
    });

    test("what the server cannot take does not keep new rows away", async () => {
        await outbox.add(entry(5));
        const phone = await openPhone();
        const asked = [];
        mockFetch((url) => {
            const method = url.split("/").at(-1);
            asked.push(method);
            return method === "sync"
                ? json({ jsonrpc: "2.0", result: answer({ "card:1": CARD }) })
                : json({ jsonrpc: "2.0", error: { code: 0, message: "Not a value" } });
        });
        await phone.refresh();
        expect(asked.slice(0, 3)).toEqual(["exchange", "flush", "sync"]);
        expect(phone.cards).toHaveLength(1);
        expect(phone.state.items[0].answer.message).toBe("Not a value");
    });

    test("with the rights what may no longer be seen goes, what waits stays", async () => {
        await keep.write(answer({ "card:1": CARD }));
        await outbox.add(entry(5));
        const phone = await openPhone();
        expect(phone.cards).toHaveLength(1);
        const data = { name: "odoo.exceptions.AccessError", message: "Not yours" };
        mockFetch(() => json({ jsonrpc: "2.0", error: { code: 0, data, message: "Server" } }));
        await phone.refresh();
        expect(phone.cards).toEqual([]);
        expect(phone.state.problem).toBe("Not yours");
        expect((await keep.readAll()).rows).toEqual({});
        expect(await values()).toEqual([5]);
    });

    test("what the rights were missing for is done when they are back", async () => {
        await outbox.add(entry(5));
        const phone = await openPhone();
        let isWithdrawn = true;
        serveAll(() =>
            isWithdrawn
                ? { state: "conflict", message: "Not yours", is_withdrawn: true }
                : { state: "done" },
        );
        await phone.refresh();
        expect(phone.state.items[0].answer.message).toBe("Not yours");
        isWithdrawn = false;
        await phone.refresh();
        expect(await values()).toEqual([]);
    });

    test("what was added to an item that was sent without a page is told by the next", async () => {
        await keep.write(answer({ "card:1": CARD }));
        await outbox.add(entry(5));
        await writeShell("last", scope);
        serve(() => ({ state: "done", message: "The snooze time has passed." }));
        await sendKept(async () => true);
        const phone = await openPhone();
        expect(phone.state.notice).toBe("The snooze time has passed.");
        expect((await openPhone()).state.notice).toBe("");
    });

    test("a decision whose answer was lost is looked up", async () => {
        await keep.write(answer({ "card:1": CARD }));
        const phone = await openPhone();
        const step = { document: "Sick Leave", step_id: 4 };
        mockFetch(() => Promise.reject(new TypeError("Failed to fetch")));
        phone.state.decided[4] = "approve";
        expect(await phone.decide(step, "approve", ["", "x", false, ""])).toBe("");
        expect(phone.state.notice).toBe("Approved, not confirmed yet: Sick Leave.");
        expect(4 in phone.state.decided).toBe(true);
        const asked = [];
        mockFetch((url, { body } = {}) => {
            const method = new URL(url, location.origin).pathname.split("/").at(-1);
            if (method === "translations") {
                return json({});
            }
            asked.push(method);
            if (method === "sync") {
                return json({ jsonrpc: "2.0", result: answer({}) });
            }
            const [uuid] = JSON.parse(body).params.args[0];
            return json({ jsonrpc: "2.0", result: { [uuid]: { state: "done", at: AT } } });
        });
        await phone.refresh();
        expect(phone.state.notice).toMatch(/^Approved, confirmed .*: Sick Leave\.$/);
        expect(phone.state.decided).toEqual({});
        await phone.refresh();
        expect(asked).toEqual(["sync", "find_decisions", "sync"]);
    });

    test("signing out deletes what is one's own, and says what of others stays", async () => {
        const other = new Outbox(await Keep.open({ ...scope, uid: uid + 1000 }));
        await other.add(entry(7));
        await keep.write(answer({ "card:1": CARD }));
        await outbox.add(entry(5));
        const phone = await openPhone();
        expect(phone.state.sealed).toBeGreaterThan(0);
        await phone._empty();
        expect(await values()).toEqual([]);
        expect((await keep.readAll()).rows).toEqual({});
        expect(await other.list()).toHaveLength(1);
        expect(Number(cookie.get(UNSENT_COOKIE))).toBe(phone.state.sealed);
    });

    test("at the end of a session all is deleted but what waits", async () => {
        const other = await Keep.open({ ...scope, company_id: 2 });
        await other.write(answer({ "card:2": 2 }));
        await keep.write(answer({ "card:1": CARD }));
        await outbox.add({ ...entry(1), photo: btoa("picture") });
        await writeShell("last", { ...scope, lang: "en_US" });
        const user = `${scope.db}-${uid}`;
        cookie.set(USER_COOKIE, user);
        const phone = new Phone();
        await phone.start(user);
        mockFetch(() => json({ jsonrpc: "2.0", error: { code: 100, message: "Expired" } }));
        await phone.refresh();
        expect(phone.state.isSignedOut).toBe(true);
        expect((await keep.readAll()).rows).toEqual({});
        expect((await other.readAll()).rows).toEqual({});
        expect(await values()).toEqual([1]);
    });

    test("whose data was shown last is found again", async () => {
        await writeShell("last", scope);
        const last = await Keep.openLast();
        expect(last.scope).toEqual(scope);
        expect(last.key).not.toBe(undefined);
        last.close();
    });
});

describe("outbox", () => {
    test("what the server has done leaves, all else stays with its answer", async () => {
        await outbox.add(entry(1));
        await outbox.add(entry(2));
        const theirs = { state: "approved", value: 7, by: "Ann", at: "2026-10-02T08:00:00Z" };
        serve(({ data }) =>
            data.value === 1
                ? { state: "done" }
                : { state: "conflict", message: "Changed", theirs },
        );
        expect(await outbox.send()).toBe(1);
        const [left] = await outbox.list();
        expect(left.answer).toEqual({ state: "conflict", message: "Changed", theirs });
        expect(await outbox.send()).toBe(0); // a person decides on it
    });

    test("what the server adds to something that it has done is told", async () => {
        const told = [];
        const telling = new Outbox(keep, (message) => told.push(message));
        await telling.add(entry(1));
        serve(() => ({ state: "done", message: "The snooze time has passed." }));
        expect(await telling.send()).toBe(1);
        expect(told).toEqual(["The snooze time has passed."]);
    });

    test("an answer that names nobody, or another, takes nothing away", async () => {
        await outbox.add(entry(1));
        mockFetch(() => json({ jsonrpc: "2.0", result: [{ uuid: "other", state: "done" }] }));
        expect(await outbox.send()).toBe(0);
        expect(await values()).toEqual([1]);
    });

    for (const [name, reply] of [
        ["a cut", () => Promise.reject(new TypeError("Failed to fetch"))],
        ["a page of a hotel", () => new Response("<html>Sign in</html>")],
        ["JSON of somebody else", () => json({ login: "please" })],
        [
            "an answer cut in the middle",
            () =>
                new Response('{"jsonrpc": "2.0", "re', {
                    headers: { "Content-Type": "application/json" },
                }),
        ],
    ]) {
        test(`${name} takes nothing away`, async () => {
            await keep.write(answer({ "card:1": 1 }));
            await outbox.add(entry(1));
            mockFetch(reply);
            await expect(outbox.send()).rejects.toBeInstanceOf(Unreachable);
            expect(await values()).toEqual([1]);
            expect((await keep.readAll()).rows).toEqual({ "card:1": 1 });
        });
    }

    test("a session that is over is said, and the outbox stays", async () => {
        await outbox.add(entry(1));
        mockFetch(() => json({ jsonrpc: "2.0", error: { code: 100, message: "Expired" } }));
        await expect(outbox.send()).rejects.toBeInstanceOf(SessionOver);
        expect(await values()).toEqual([1]);
    });

    test("two senders at once send each item once", async () => {
        for (let value = 0; value < 20; value++) {
            await outbox.add(entry(value));
        }
        const requests = serve();
        const other = new Outbox(await Keep.open(scope));
        await Promise.all([outbox.send(), other.send(), outbox.send()]);
        const sent = requests.flat().map(({ uuid }) => uuid);
        expect(sent).toHaveLength(20);
        expect(new Set(sent).size).toBe(20);
        expect(await values()).toEqual([]);
    });

    test("requests have 50 items at most, in their order", async () => {
        for (let value = 0; value < 60; value++) {
            await outbox.add(entry(value));
        }
        const requests = serve();
        await outbox.send();
        expect(requests.map((items) => items.length)).toEqual([50, 10]);
        expect(requests.flat().map(({ data }) => data.value)).toEqual([...Array(60).keys()]);
    });

    test("what the server cannot take holds up no other", async () => {
        for (const value of [1, 2, 3]) {
            await outbox.add(entry(value));
        }
        mockFetch((url, { body }) => {
            const items = JSON.parse(body).params.args[0];
            return items.some(({ data }) => data.value === 2)
                ? json({ jsonrpc: "2.0", error: { code: 0, message: "Not a value" } })
                : json({
                      jsonrpc: "2.0",
                      result: items.map(({ uuid }) => ({ uuid, state: "done" })),
                  });
        });
        expect(await outbox.send()).toBe(2);
        const [left] = await outbox.list();
        expect(left.answer).toEqual({ state: "failed", message: "Not a value" });
    });

    test("a photo goes with its entry, once; words for the screen are never sent", async () => {
        await outbox.add({ ...entry(1), about: { name: "Parcels" }, photo: btoa("picture") });
        const requests = [];
        mockFetch((url, { body }) => {
            requests.push(new URL(url, location.origin).pathname);
            if (requests.length === 1) {
                return Promise.reject(new TypeError("cut"));
            }
            const [item] = JSON.parse(body).params.args[0];
            expect(item.data.photo).toBe(btoa("picture"));
            expect("about" in item || "photo" in item).toBe(false);
            return json({ jsonrpc: "2.0", result: [{ uuid: item.uuid, state: "done" }] });
        });
        await expect(outbox.send()).rejects.toBeInstanceOf(Unreachable);
        await outbox.send();
        const flush = "/web/dataset/call_kw/kpi.phone/flush";
        expect(requests).toEqual([flush, flush]);
        expect(await values()).toEqual([]);
    });

    test("photos that do not get through hold up neither values nor each other", async () => {
        for (const value of [1, 2, 3]) {
            await outbox.add({ ...entry(value), ...(value < 3 && { photo: btoa("picture") }) });
        }
        const sent = [];
        mockFetch((url, { body }) => {
            const items = JSON.parse(body).params.args[0];
            sent.push(items.map(({ data }) => data.value));
            return items.some(({ data }) => data.value === 1)
                ? Promise.reject(new TypeError("timed out"))
                : json({
                      jsonrpc: "2.0",
                      result: items.map(({ uuid }) => ({ uuid, state: "done" })),
                  });
        });
        await expect(outbox.send()).rejects.toBeInstanceOf(Unreachable);
        expect(sent).toEqual([[3], [1]]);
        await expect(outbox.send()).rejects.toBeInstanceOf(Unreachable);
        expect(sent.slice(2)).toEqual([[2], [1]]);
        expect(await values()).toEqual([1]);
    });

    test("what failed goes to the end; what follows it waits for it", async () => {
        const first = await outbox.add(entry(1));
        await outbox.add({ ...entry(2), after: first.uuid });
        await outbox.add(entry(3));
        let isDown = true;
        const requests = serve(({ data }) =>
            isDown && data.value === 1 ? { state: "failed", message: "Busy" } : { state: "done" },
        );
        requests.length = 0;
        expect(await outbox.send()).toBe(2);
        isDown = false;
        expect(await values()).toEqual([1]);
        await outbox.send();
        expect(await values()).toEqual([]);
    });

    test("mine is said once more, knowing what is there", async () => {
        const seen = { state: "empty", value: null };
        await outbox.add({ ...entry(1), seen });
        const theirs = { state: "approved", value: 7 };
        serve((item) => (item.data.force ? { state: "done" } : { state: "conflict", theirs }));
        await outbox.send();
        const [item] = await outbox.list();
        const again = await outbox.replace(item, { ...item.data, force: true });
        expect(again.seen).toEqual(theirs);
        expect(again.uuid).not.toBe(item.uuid);
        await outbox.send();
        expect(await values()).toEqual([]);
    });
});
