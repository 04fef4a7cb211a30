import js from "@eslint/js";
import globals from "globals";

/** What shipped code leaves to Owl and to the style sheets. */
const owlDrawsThePage = [
    {
        selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]",
        message: "Let an Owl template draw it.",
    },
    {
        selector: "CallExpression[callee.property.name=/^querySelector(All)?$/]",
        message: "Use a t-ref.",
    },
    {
        selector: "Literal[value=/^#([0-9a-fA-F]{3,4}){1,2}$/]",
        message: "Colours belong into the style sheet, or come from getColor.",
    },
];

export default [
    { linterOptions: { reportUnusedDisableDirectives: "error" } },
    js.configs.recommended,
    {
        rules: {
            curly: "error",
            eqeqeq: ["error", "always", { null: "ignore" }],
            "no-console": "error",
            "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
            "no-var": "error",
            "object-shorthand": "error",
            "prefer-const": "error",
        },
    },
    {
        files: ["**/static/**/*.js"],
        languageOptions: {
            globals: {
                ...globals.browser,
                Chart: "readonly", // of the bundle web.chartjs_lib
                luxon: "readonly",
                odoo: "readonly",
            },
        },
        rules: { "no-restricted-globals": ["error", "$", "jQuery", "event"] },
    },
    {
        files: ["**/static/src/**/*.js"],
        rules: { "no-restricted-syntax": ["error", ...owlDrawsThePage] },
    },
    {
        files: ["**/*service_worker*.js"],
        languageOptions: { globals: globals.serviceworker },
    },
    {
        files: ["**/tests/**/*.mjs", "*.mjs"],
        languageOptions: { globals: globals.node },
    },
];
