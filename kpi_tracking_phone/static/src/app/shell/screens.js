import { registry } from "@web/core/registry";
import { HOME } from "../../stored/server";

/**
 * Screens of the app: `/scoped_app/kpi/<name>`, and below it what it is about. An addon adds
 * its own, in the bundle `kpi_tracking_phone.assets_app`:
 *
 *     phoneScreens.add("pipeline", { component: MyPipeline, word: _t("My pipeline") });
 *
 * `path` (of an SVG, 24 by 24) gives it a place in the bar at the bottom, by `sequence`; all
 * others without `isHidden` are in the list of “More”, and those with a `model` only for who
 * may read it. A component gets the prop `about`.
 */
export const phoneScreens = registry.category("kpi_phone_screens");

phoneScreens.addValidation({
    component: { validate: (component) => typeof component === "function" },
    word: { validate: (word) => typeof word.toString === "function" },
    path: { type: String, optional: true },
    isHidden: { type: Boolean, optional: true },
    model: { type: String, optional: true },
    sequence: { type: Number, optional: true },
});

/**
 * @param {URL|Location} address what it is about is below the screen, or its fragment
 * @returns {{name: string, about: string}} the screen that it is of
 */
export function screenOf({ hash, pathname }) {
    const [name, ...about] = pathname.slice(HOME.length).split("/").filter(Boolean);
    return phoneScreens.contains(name)
        ? { name, about: decodeURIComponent(about.join("/") || hash.slice(1)) }
        : { name: "today", about: "" };
}

/** Names and words, of the bar at the bottom or of all others. */
export function listScreens(isInBar) {
    return phoneScreens
        .getEntries()
        .filter(([, { isHidden, path }]) => Boolean(path) === isInBar && !isHidden)
        .map(([name, screen]) => ({ name, sequence: 99, ...screen }))
        .sort((one, other) => one.sequence - other.sequence);
}

/** @returns {string[]} keys of the rows that say which models of screens may be read */
export function listModelKeys() {
    const models = phoneScreens.getAll().map(({ model }) => model);
    return models.filter(Boolean).map(modelKey);
}

/** @returns {string} key of a row that is there if the user may read `model` */
export function modelKey(model) {
    return `model:${model}`;
}
