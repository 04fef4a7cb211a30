import { setTable } from "@kpi_base/eager/formatting/formatting";
import { currencies } from "@web/core/currency";
import { localization } from "@web/core/l10n/localization";
import {
    translatedTerms,
    translatedTermsGlobal,
    translationLoaded,
} from "@web/core/l10n/translation";
import { readShell, writeShell } from "../stored/keep";
import { setPlace } from "./when";

const ENGLISH = {
    lang_parameters: {
        decimal_point: ".",
        direction: "ltr",
        grouping: "[3,0]",
        thousands_sep: ",",
    },
    modules: {},
};

/** Addons whose modules are in this page. */
function listAddons() {
    const names = [...odoo.loader.modules.keys()].map((name) => name.split("/")[0].slice(1));
    return [...new Set(names)].filter((name) => name.startsWith("kpi_"));
}

/** The words of a language as they are on this phone; English until they came. */
export async function useKeptLanguage({ lang, tz }) {
    const name = `words ${lang}`;
    let words = await readShell(name);
    if (!words) {
        await fetchLanguage(lang).catch(() => {}); // there may be no reception
        words = await readShell(name);
    }
    apply(words || ENGLISH, { lang, tz });
}

/**
 * Get the words of a language.
 *
 * @returns {Promise<boolean>} whether they differ from those kept
 */
export async function fetchLanguage(lang) {
    const kept = await readShell(`words ${lang}`);
    const asked = new URLSearchParams({ hash: kept?.hash || "", lang, mods: listAddons().join() });
    const url = `/web/webclient/translations?${asked}`;
    const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(5000) });
    const isOurs = (response.headers.get("Content-Type") || "").includes("json");
    const words = response.ok && isOurs ? await response.json() : null;
    if (!words?.lang_parameters || words.hash === kept?.hash) {
        return false;
    }
    await writeShell(`words ${lang}`, words);
    return true;
}

/** How money is written. */
export function useCurrencies(terms) {
    Object.assign(currencies, terms?.currencies);
}

/** How days, numbers and percents are written: as the server said last. */
export function useFormatting(me) {
    if (me?.formatting) {
        setTable(me.formatting, (id) => currencies[id]);
    }
}

function apply({ lang_parameters, modules }, { lang, tz }) {
    for (const [addon, { messages }] of Object.entries(modules)) {
        const words = Object.fromEntries(messages.map(({ id, string }) => [id, string]));
        translatedTerms[addon] = words;
        Object.assign(translatedTermsGlobal, words);
    }
    translatedTerms[translationLoaded] = true;
    const { decimal_point, direction, grouping, thousands_sep } = lang_parameters;
    Object.assign(localization, {
        code: lang,
        decimalPoint: decimal_point,
        direction,
        grouping: JSON.parse(grouping),
        thousandsSep: thousands_sep,
    });
    setPlace({ lang, tz });
    document.documentElement.lang = lang.replace("_", "-");
    document.documentElement.dir = direction;
    document.body.classList.toggle("o_rtl", direction === "rtl");
}
