import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";

const MOST = 5;

function key() {
    return `kpi_questions_${user.userId}`;
}

/** @returns {string[]} the last questions of this user in this browser, latest first */
export function lastQuestions() {
    try {
        return JSON.parse(browser.localStorage.getItem(key())) || [];
    } catch {
        return [];
    }
}

export function rememberQuestion(text) {
    const others = lastQuestions().filter((each) => each !== text);
    browser.localStorage.setItem(key(), JSON.stringify([text, ...others].slice(0, MOST)));
}
