/* What deno's own linter does not know: how complex a function may be, how long a file. */
export default [
  { ignores: ["**/.*/", "**/node_modules/", "build/", "dashboard/static/", "rhoscope/"] },
  {
    files: [
      "dashboard/page/**/*.js",
      "dashboard/bundle.js",
      "tests/page/**/*.js",
      "examples/instrument/**/*.js",
    ],
    languageOptions: { ecmaVersion: 2025, sourceType: "module" },
    rules: {
      complexity: ["error", 8],
      "max-lines": ["error", 300],
      "max-len": ["error", { code: 110, ignoreUrls: false }],
      "max-depth": ["error", 4],
      "no-unused-vars": ["error", { args: "after-used" }],
      "no-empty": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
    },
  },
];
