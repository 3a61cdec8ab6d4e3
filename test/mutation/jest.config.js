// Enough to meet every happening a few times; the whole number takes minutes for each mutant.
process.env.SHOPIFY_SECRETS_SCHEDULES ??= "60";

module.exports = {
  roots: ["<rootDir>/bundle"],
  testEnvironment: require.resolve("./stop-at-failure"),
  transform: {},
  restoreMocks: true,
};
