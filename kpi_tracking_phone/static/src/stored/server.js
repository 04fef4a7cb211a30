/** Where the app is, and all that belongs to it. */
export const HOME = "/scoped_app/kpi";
/** Cookies: whose session this browser has, and how much waits here, of all people. */
export const USER_COOKIE = "kpi_phone_user";
export const UNSENT_COOKIE = "kpi_phone_unsent";

const SESSION_OVER = 100; // Odoo's code, with HTTP 200
const ACCESS_ERROR = "odoo.exceptions.AccessError";
const PATIENCE = 30000; // milliseconds

/** There is no answer of the server: no reception, or the page of a hotel's network. */
export class Unreachable extends Error {}
/** Whoever signed in here is signed out. */
export class SessionOver extends Error {}
/** The server says no, in words. */
export class Refused extends Error {}
/** It says no, as whoever is signed in lacks the rights. */
export class Forbidden extends Refused {}

/** Call a method of `kpi.phone`; page and worker alike. */
export function callPhone(method, ...args) {
    return callModel("kpi.phone", method, ...args);
}

/**
 * @param {string} model
 * @param {string} method
 * @param {...any} args
 * @returns {Promise<any>} what the method returns
 */
export async function callModel(model, method, ...args) {
    const params = { model, method, args, kwargs: {} };
    const answer = await post(`/web/dataset/call_kw/${model}/${method}`, {
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", method: "call", params }),
    });
    if (answer.jsonrpc !== "2.0") {
        throw new Unreachable("not an answer of the server");
    }
    if (answer.error?.code === SESSION_OVER) {
        throw new SessionOver(answer.error.message);
    }
    if (answer.error) {
        const Kind = answer.error.data?.name === ACCESS_ERROR ? Forbidden : Refused;
        throw new Kind(answer.error.data?.message || answer.error.message);
    }
    return answer.result;
}

/** What is no JSON is nobody's answer, and nothing follows from it. */
async function post(url, options) {
    const signal = AbortSignal.timeout(PATIENCE);
    try {
        const response = await fetch(url, { method: "POST", signal, ...options });
        const isOurs = (response.headers.get("Content-Type") || "").includes("json");
        const answer = isOurs && !response.redirected ? await response.json() : null;
        if (answer && typeof answer === "object") {
            return answer;
        }
    } catch (error) {
        throw new Unreachable(error.message);
    }
    throw new Unreachable("not an answer of the server");
}
