const { TestEnvironment } = require("jest-environment-node");

/** Skips every test after the first failure: a mutant needs to be killed only once. */
module.exports = class StopAtFailure extends TestEnvironment {
  #hasFailed = false;

  handleTestEvent(event) {
    if (event.name === "test_fn_failure") this.#hasFailed = true;
    if (event.name === "test_start" && this.#hasFailed) event.test.mode = "skip";
  }
};
