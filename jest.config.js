const { availableParallelism } = require("node:os");

const shared = {
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.local/", "<rootDir>/.stryker-tmp/"],
  restoreMocks: true,
};

/** Unit tests reach no network; `test/e2e` runs the real engine on the local world. */
module.exports = {
  // Jest keeps one core for itself, which leaves half of the time unused where there are two.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: ["<rootDir>/test/e2e/"],
      setupFiles: ["<rootDir>/test/no-network.ts"],
    },
    { ...shared, displayName: "e2e", testMatch: ["<rootDir>/test/e2e/**/*.test.ts"] },
  ],
};
