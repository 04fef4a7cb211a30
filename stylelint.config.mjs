/** Sizes, weights, colours, gaps and times are those of kpi_base's tokens. */
const token = (name) => `/^var\\(--kpi-${name}\\)$/`;
const gaps = "/^((row-|column-)?gap|(scroll-)?(margin|padding)(-.+)?)$/";

export default {
    customSyntax: "postcss-scss",
    reportDescriptionlessDisables: true,
    reportNeedlessDisables: true,
    rules: {
        "color-no-hex": true,
        "declaration-property-value-allowed-list": {
            "font-size": [token("font-\\d\\d"), "/min\\(var\\(--kpi-font-\\d\\d\\), /", "inherit"],
            "font-weight": [
                token("weight-bold"),
                "/^\\$font-weight-(normal|bold)( !important)?$/",
                "inherit",
            ],
            // times are a token, or a multiple of one
            "/^(animation|transition)/": ["/var\\(--kpi-motion-[a-z]+\\)/", "/^[a-z-]+$/"],
        },
        // a multiple of four pixels
        "declaration-property-unit-disallowed-list": { [gaps]: ["px", "em"] },
        "declaration-property-value-disallowed-list": {
            [gaps]: ["/\\d\\.(?!(25|5|75)rem)\\d*rem/"],
            font: ["/\\d(px|rem|em)\\b/", "/\\b(bold|[1-9]00)\\b/"],
        },
    },
    overrides: [
        {
            // where they are defined, on Odoo's variables
            files: ["tokens.css", "tokens.scss", "variables.scss"],
            rules: { "color-no-hex": null, "declaration-property-value-allowed-list": null },
        },
    ],
};
