import { markRaw, reactive, useEnv, useState } from "@odoo/owl";
import { cookie } from "@web/core/browser/cookie";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { findNow, forgetLast, Keep, readShell, writeShell } from "../stored/keep";
import { countKept, isWaiting, Outbox, takeNotices } from "../stored/outbox";
import {
    callPhone,
    Forbidden,
    HOME,
    Refused,
    SessionOver,
    Unreachable,
    UNSENT_COOKIE,
    USER_COOKIE,
} from "../stored/server";
import { renewSubscription } from "../stored/subscription";
import { fetchLanguage, useCurrencies, useFormatting, useKeptLanguage } from "./language";
import { listModelKeys } from "./shell/screens";
import { momentOf, setPlace, writeMoment } from "./when";

const FRESH = 60000; // milliseconds in which what came is not asked for again
const FIRST_PAUSE = 5000; // milliseconds until what was not sent is tried again
const LONGEST_PAUSE = 120000;
const MOST_BOARDS = 5; // that a phone keeps
const UNDO = 5000; // milliseconds in which what was done can be undone
const DECISIONS = "decisions"; // the draft of decisions without an answer
const HERE = { alert: ["alert"], approve: ["approval"], enter: ["due", "overdue"] };
const WORST = ["off_target", "at_risk", "on_target", "not_due", "no_target", "no_data"];

/** The state of the app: what is kept here, what waits, and what the server says to it. */
export class Phone {
    /** What screens show; @see usePhone */
    state = reactive({
        about: null, // `at` and `me` of the last answer
        hasUpdate: false,
        isBusy: false,
        isOnline: true,
        isSignedOut: false,
        decided: {}, // steps that are not shown, as they are being decided
        items: [], // of the outboxes of all companies
        later: "", // what is done after a moment, unless it is undone
        notice: "", // what the server added to something that it has done
        problem: "",
        rows: markRaw({}),
        sealed: 0, // items of other people that wait here
    });

    /**
     * Show what is kept of whose session this browser has; nothing of anybody else.
     *
     * @param {string} [user] as the cookie names them; empty = nobody signed in yet
     */
    async start(user = cookie.get(USER_COOKIE)) {
        const last = await readShell("last");
        if (last && user && user !== `${last.db}-${last.uid}`) {
            const [, db, uid] = /^(.*)-(\d+)$/.exec(user) || [];
            await Keep.forgetOthers({ db, uid: Number(uid) });
            await writeShell("last", null);
        }
        const isOwn = last && (!user || user === `${last.db}-${last.uid}`);
        const lang = (isOwn && last.lang) || navigator.language.replace("-", "_");
        const words = useKeptLanguage({ lang, tz: isOwn ? last.tz : undefined });
        await Promise.all([words, isOwn && Keep.open(last).then((keep) => this._use(keep))]);
        await this._countSealed();
    }

    get me() {
        return this.state.about?.me;
    }

    /** What was searched and filtered on screens, for Back. */
    views = {};

    /** Outboxes of other companies than the one that is shown. */
    others = [];
    pause = FIRST_PAUSE;

    /** When what is shown was so, by the server's clock. */
    get at() {
        return this.state.about && momentOf(this.state.about.at);
    }

    get now() {
        return findNow(this.state.about);
    }

    /** Cards of KPIs, worst first. */
    get cards() {
        const rank = ({ status, achievement }) => [WORST.indexOf(status), achievement ?? 1e9];
        return Object.entries(this.state.rows)
            .filter(([key]) => key.startsWith("card:"))
            .map(([, card]) => card)
            .sort((one, other) => {
                const [[status, part], [otherStatus, otherPart]] = [rank(one), rank(other)];
                return status - otherStatus || part - otherPart || (one.name < other.name ? -1 : 1);
            });
    }

    /** How much of what waits for me is done on which screen: one list for all screens. */
    get counts() {
        const needs = this.row("needs") || [];
        const count = (kinds) => needs.filter(({ kind }) => kinds.includes(kind)).length;
        const [alerts, approve, enter] = [HERE.alert, HERE.approve, HERE.enter].map(count);
        return { alerts, all: needs.length, approve, enter };
    }

    /** What waits for me, and is done elsewhere. */
    get otherNeeds() {
        const here = Object.values(HERE).flat();
        return (this.row("needs") || []).filter(({ kind }) => !here.includes(kind));
    }

    row(key) {
        return this.state.rows[key];
    }

    /** Ask for what a screen needs, and for all that changed. */
    async open(...keys) {
        const missing = keys.filter((key) => !(key in this.state.rows));
        if (missing.length) {
            await this.refresh(missing);
        }
    }

    /** Ask again, unless the answer has just come. */
    async refreshOld() {
        if (!this.fetchedAt || Date.now() - this.fetchedAt > FRESH) {
            await this.refresh();
        }
    }

    /** Send what waits, then ask what changed, also where something was not sent. */
    async refresh(opened = []) {
        this.state.isBusy = true;
        try {
            await this._reopen();
            const unsent = await this._exchange(opened);
            const problem = unsent ? _t("Some items were not sent. Retrying…") : "";
            Object.assign(this.state, { isOnline: true, problem });
        } catch (error) {
            await this._explain(error);
        } finally {
            this.state.isBusy = false;
            await this.readItems();
            this._planRetry();
        }
    }

    /** Try again after a while that grows, as long as something waits for reception. */
    _planRetry() {
        clearTimeout(this.retry);
        const isRetried = (item) => isWaiting(item) && !item.answer?.is_withdrawn;
        const isAsked = Object.keys(this.state.decided).length && !this.later;
        if (this.state.isSignedOut || !(isAsked || this.state.items.some(isRetried))) {
            this.pause = FIRST_PAUSE;
            return;
        }
        this.retry = setTimeout(() => this.refresh(), this.pause);
        this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
    }

    /** Do something in a moment, in which it can be undone. */
    async doLater(word, act, undo) {
        await this.finishLater();
        this.later = { act, undo };
        this.state.later = word;
        this.laterTimer = setTimeout(() => this.finishLater(), UNDO);
    }

    /** Do it at once: the page may be about to end. */
    finishLater() {
        const { later } = this;
        this._clearLater();
        return later?.act();
    }

    undoLater() {
        const { later } = this;
        this._clearLater();
        later?.undo();
    }

    _clearLater() {
        clearTimeout(this.laterTimer);
        this.later = null;
        this.state.later = "";
    }

    /**
     * Decide on what waits for me; an answer that is lost is looked up by the next refresh.
     *
     * @param {Object} step of the row `approvals`
     * @param {"approve"|"reject"|"return"} decision
     * @param {Array} more other arguments of `kpi.phone.decide`
     * @returns {Promise<string>} why it was not done; empty where it was
     */
    async decide({ document, step_id }, decision, more) {
        const uuid = crypto.randomUUID();
        const pending = (await this.readDraft(DECISIONS)) || {};
        await this.writeDraft(DECISIONS, { ...pending, [uuid]: { decision, document, step_id } });
        let message;
        try {
            ({ message } = await this.ask("decide", step_id, decision, ...more, uuid));
        } catch (error) {
            if (error instanceof Unreachable) {
                const words = { decision: sayDone(decision), document };
                this.state.notice = _t("%(decision)s, not confirmed yet: %(document)s.", words);
                this._planRetry();
                return "";
            }
            ({ message } = error);
        }
        await this._forgetDecisions([uuid]);
        await this.refresh();
        delete this.state.decided[step_id];
        return message;
    }

    async _forgetDecisions(uuids) {
        const pending = Object.entries((await this.readDraft(DECISIONS)) || {});
        const left = pending.filter(([uuid]) => !uuids.includes(uuid));
        await this.writeDraft(DECISIONS, left.length ? Object.fromEntries(left) : null);
    }

    /** Whether decisions without an answer were made: the server knows. */
    async _confirmDecisions() {
        const pending = (await this.readDraft(DECISIONS)) || {};
        const uuids = Object.keys(pending);
        if (!uuids.length) {
            return;
        }
        const found = await callPhone("find_decisions", uuids);
        const words = uuids.map((uuid) => sayDecision(pending[uuid], found[uuid]));
        this.state.notice = words.join(" ");
        Object.values(pending).forEach(({ step_id }) => delete this.state.decided[step_id]);
        await this._forgetDecisions(uuids);
    }

    /** Call the server for what has no meaning later on; @raises what `callPhone` raises */
    async ask(method, ...args) {
        try {
            return await callPhone(method, ...args);
        } catch (error) {
            if (!(error instanceof Refused)) {
                await this._explain(error);
            }
            throw error;
        }
    }

    /**
     * Have something sent as soon as that is possible.
     *
     * @returns {Promise<Object|null>} the item; null where the phone had no room for it
     */
    async enter(item) {
        let added;
        try {
            await this._reopen();
            added = await this.outbox.add(item);
        } catch {
            this.state.problem = _t("Could not store this. Free up space on this phone.");
            return null;
        }
        await this.readItems();
        const { serviceWorker } = navigator;
        const registration = serviceWorker?.controller && (await serviceWorker.ready);
        registration?.sync?.register("kpi_phone").catch(() => {}); // where it is allowed
        this.refresh();
        return added;
    }

    /** What was being typed at a place of the app; null where that is nothing. */
    async readDraft(key) {
        await this.drafts;
        return this.keep ? this.keep.readDraft(key) : null;
    }

    /** Keep what is being typed until it is entered, one after the other; null forgets it. */
    writeDraft(key, draft) {
        const write = () => this.keep?.writeDraft(key, draft);
        this.drafts = Promise.resolve(this.drafts)
            .then(write)
            .catch(() => {}); // no room
        return this.drafts;
    }

    async readItems() {
        const found = [];
        for (const outbox of await this._findOutboxes()) {
            found.push(...(await outbox.list()).map((item) => ({ ...item, outbox })));
        }
        this.state.items = markRaw(found);
        this._noteUnsent();
    }

    /** Signing out on Odoo's pages leaves on this phone what was not sent. */
    _noteUnsent() {
        const count = this.state.items.length + this.state.sealed;
        cookie.set(UNSENT_COOKIE, String(count), count ? undefined : 0);
    }

    async _countSealed() {
        const { db, uid } = this.keep?.scope || {};
        this.state.sealed = await countKept((scope) => scope.db !== db || scope.uid !== uid);
        this._noteUnsent();
    }

    /** That of the shown company, and those of others in which something was entered. */
    async _findOutboxes() {
        if (!this.keep) {
            return [];
        }
        const [, ...scopes] = await Keep.listScopes(this.keep.scope);
        const kept = this.others.filter(({ keep }) => !keep.isClosed);
        const isKnown = ({ company_id }) =>
            kept.some(({ keep }) => keep.scope.company_id === company_id);
        for (const scope of scopes.filter((each) => !isKnown(each))) {
            kept.push(this._openOutbox(await Keep.open(scope)));
        }
        this.others = kept;
        return [this.outbox, ...kept];
    }

    /**
     * Delete all that is here of whoever is signed in, and end their session. What other
     * people have not sent stays.
     */
    async signOut() {
        await this._empty();
        window.location.assign(`/web/session/logout?redirect=${HOME}`);
    }

    async _empty() {
        for (const outbox of await this._findOutboxes()) {
            for (const item of await outbox.list()) {
                await outbox.remove(item);
            }
        }
        await this.readItems();
        await Keep.forgetOthers({});
        await writeShell("last", null);
    }

    async _use(keep) {
        for (const old of [this.keep, ...this.others.map((outbox) => outbox.keep)]) {
            old?.close();
        }
        this.others = [];
        this.keep = keep;
        this.outbox = this._openOutbox(keep);
        const { about, digests, rows } = await keep.readAll();
        this.digests = digests;
        this._show(about, rows);
        const notices = await takeNotices(keep);
        this.state.notice = notices.join(" ") || this.state.notice;
        await this.readItems();
    }

    _openOutbox(keep) {
        return new Outbox(keep, (message) => (this.state.notice = message));
    }

    /** What was deleted under way, by the browser or by hand, is asked for again. */
    async _reopen() {
        if (this.keep?.isClosed) {
            await this._use(await Keep.open(this.keep.scope));
        }
    }

    _show(about, rows) {
        useCurrencies(rows.terms);
        useFormatting(about?.me);
        Object.assign(this.state, { about: about && markRaw(about), rows: markRaw(rows) });
        navigator.setAppBadge?.(this.counts.all).catch(() => {}); // where it is installed
    }

    /**
     * Send what waits and ask what changed: one request, unless other companies or photos
     * wait, too.
     *
     * @returns {Promise<Error|null>} why something was not sent, and may be later
     * @raises what `callPhone` raises
     */
    async _exchange(opened) {
        let answer = null;
        const unsent = await this._send(async (items) => {
            answer = await callPhone("exchange", items, this._listKnown(opened));
            return answer.answers;
        });
        answer ||= await callPhone("sync", this._listKnown(opened));
        await this._take(answer, opened);
        await this._confirmDecisions();
        return unsent;
    }

    /**
     * Send what waits of all companies, of the one that is shown last.
     *
     * @param {(items: Object[]) => Promise<Object[]>} sendLast see `Outbox.send`
     * @returns {Promise<Error|null>} why something was not sent, and may be later
     * @raises {SessionOver}
     */
    async _send(sendLast) {
        let unsent = null;
        const isOwn = this.keep && this._isOwn();
        const [own, ...others] = isOwn ? await this._findOutboxes() : [];
        for (const outbox of [...others, own].filter(Boolean)) {
            try {
                if ((await outbox.list()).some(isWaiting)) {
                    await outbox.send(outbox === own ? sendLast : null);
                }
            } catch (error) {
                if (error instanceof SessionOver) {
                    throw error;
                }
                unsent = error;
            }
        }
        return unsent;
    }

    /** What one person entered is never sent with another's session. */
    _isOwn() {
        const { db, uid } = this.keep.scope;
        return cookie.get(USER_COOKIE) === `${db}-${uid}`;
    }

    /** What is here, and what is to come, too. */
    _listKnown(opened) {
        const keys = [...listModelKeys(), ...opened, ...this._listMissingBoards()];
        return { ...Object.fromEntries(keys.map((key) => [key, ""])), ...this.digests };
    }

    /** The first dashboards, which are here without being opened, as far as there is room. */
    _listMissingBoards() {
        const isBoard = (key) => key.startsWith("dashboard:");
        const known = Object.keys(this.digests || {}).filter(isBoard);
        const listed = (this.row("dashboards") || []).map(({ id }) => `dashboard:${id}`);
        const missing = listed.filter((key) => !known.includes(key));
        return missing.slice(0, Math.max(MOST_BOARDS - known.length, 0));
    }

    /** Take over what the server answered; of whose it is, or which company, is asked again. */
    async _take(answer, opened) {
        if (!isSame(answer.me, this.keep?.scope)) {
            await Keep.forgetOthers(answer.me);
            await this._use(await Keep.open(answer.me));
            await this._countSealed();
            return this._exchange(opened);
        }
        const about = await this._store(answer);
        const rows = { ...this.state.rows };
        for (const key of answer.gone) {
            delete rows[key];
            delete this.digests[key];
        }
        for (const [key, { data, digest }] of Object.entries(answer.rows)) {
            rows[key] = data;
            this.digests[key] = digest;
        }
        this._show(about, rows);
        this.state.isSignedOut = false;
        this.fetchedAt = Date.now();
        await this._remember(answer.me);
        setPlace(answer.me);
        useFormatting(answer.me);
        await this._speak(answer.me.lang);
        await this._renew();
    }

    /** Whom the app shows when it starts, and in which words. */
    async _remember({ company_id, db, lang, tz, uid }) {
        await writeShell("last", { company_id, db, lang, tz, uid }).catch(() => {});
    }

    /** Once a start: the server, or the push service, may have forgotten this browser. */
    async _renew() {
        if (!this.isRenewed) {
            this.isRenewed = true;
            const registration = await navigator.serviceWorker?.getRegistration(HOME);
            registration?.pushManager &&
                renewSubscription(registration.pushManager).catch(() => {});
        }
    }

    /** Another language begins with another page; once, as it may not be written here. */
    async _speak(lang) {
        if (this.spoken === lang) {
            return; // newer words come with a newer shell
        }
        this.spoken = lang;
        const isNew = (await fetchLanguage(lang)) || localization.code !== lang;
        if (isNew && sessionStorage.getItem("kpi_phone_lang") !== lang) {
            sessionStorage.setItem("kpi_phone_lang", lang);
            window.location.reload();
        }
    }

    /** A phone that is full shows what came, and keeps what it kept. */
    async _store(answer) {
        try {
            return await this.keep.write(answer);
        } catch {
            return { at: answer.at, me: answer.me, phone_at: Date.now() };
        }
    }

    /** Without reception all stays; at the end of a session what was kept goes. */
    async _explain(error) {
        if (error instanceof SessionOver) {
            await this.keep?.forget();
            await forgetLast();
            this.digests = {};
            this._show(null, {});
            Object.assign(this.state, { isOnline: true, isSignedOut: true, problem: "" });
        } else if (error instanceof Forbidden) {
            // What may no longer be seen is not kept.
            await forgetLast();
            this.digests = {};
            this._show(this.state.about, {});
            Object.assign(this.state, { isOnline: true, problem: error.message });
        } else if (error instanceof Unreachable) {
            this.state.isOnline = false;
        } else if (error instanceof Refused) {
            Object.assign(this.state, { isOnline: true, problem: error.message });
        } else {
            this.state.problem = error.message;
        }
    }
}

/** What became of a decision, in words: `answer` of the server, undefined = never came. */
function sayDecision({ decision, document }, answer) {
    const words = { decision: sayDone(decision), document };
    if (!answer) {
        return _t("Not sent, decide again: %(document)s.", words);
    }
    words.time = writeMoment(momentOf(answer.at));
    return _t("%(decision)s, confirmed %(time)s: %(document)s.", words);
}

/** @param {"approve"|"reject"|"return"} decision */
export function sayDone(decision) {
    const words = { approve: _t("Approved"), reject: _t("Rejected"), return: _t("Sent back") };
    return words[decision];
}

function isSame(me, scope) {
    return me.db === scope?.db && me.uid === scope?.uid && me.company_id === scope?.company_id;
}

/** The phone for a component, which is drawn again where what it read of `state` changes. */
export function usePhone() {
    const { phone } = useEnv();
    const state = useState(phone.state);
    const get = (target, key, own) => (key === "state" ? state : Reflect.get(target, key, own));
    return new Proxy(phone, { get });
}
