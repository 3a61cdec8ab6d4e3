const { availableParallelism } = require("node:os");

// The AWS SDK warns at every start that it will ask for Node 22 from 2027 on; that is for package.json to say.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

// Tests wait for what is to happen, and not for a time: only a standstill ends one, never a busy machine.
const testTimeout = 30 * 60_000;

const shared = {
  testEnvironment: "<rootDir>/test/environment.ts",
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.local/", "<rootDir>/.stryker-tmp/"],
  setupFilesAfterEnv: ["<rootDir>/test/no-warnings.ts"],
  restoreMocks: true,
  testTimeout,
};

/** These reach no network but the loopback. */
const offline = { ...shared, setupFiles: ["<rootDir>/test/no-network.ts"] };

/** The product; its simulations; the world that stands in for AWS and Shopify; what AWS itself
 * says of both, by its own models and policy data; the real engine on that world. */
module.exports = {
  // Jest keeps one core for itself, which leaves half of the time unused where there are two.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // What a worker keeps of each file's modules grows over hundreds of files; one that holds more begins anew.
  workerIdleMemoryLimit: "1500MB",
  testTimeout,
  projects: [
    {
      ...offline,
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: ["<rootDir>/test/(e2e|local|simulation|validators)/"],
    },
    {
      ...offline,
      displayName: "simulation",
      testMatch: ["<rootDir>/test/simulation/**/*.test.ts"],
    },
    { ...offline, displayName: "world", testMatch: ["<rootDir>/test/local/**/*.test.ts"] },
    { ...shared, displayName: "validators", testMatch: ["<rootDir>/test/validators/**/*.test.ts"] },
    { ...shared, displayName: "e2e", testMatch: ["<rootDir>/test/e2e/**/*.test.ts"] },
  ],
};
