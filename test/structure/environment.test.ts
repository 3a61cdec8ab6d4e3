import { AsyncLocalStorage } from "node:async_hooks";
import OwnStorages from "../environment";

const GIVEN = [
  { projectConfig: { globals: {}, testEnvironmentOptions: {}, fakeTimers: {} } },
  { docblockPragmas: {} },
] as unknown as ConstructorParameters<typeof OwnStorages>;

test.each<[string, (storage: AsyncLocalStorage<string>) => void]>([
  ["entered", (storage) => storage.enterWith("left behind")],
  [
    "used",
    (storage) =>
      storage.run("left behind", () => {
        storage.getStore();
      }),
  ],
])("what a file of tests %s is no burden for the promises of the next", async (_, use) => {
  const disable = jest.spyOn(AsyncLocalStorage.prototype, "disable");
  const environment = new OwnStorages(...GIVEN);
  await environment.setup();
  const storage = new AsyncLocalStorage<string>();
  use(storage);
  await environment.teardown();
  expect(storage.getStore()).toBeUndefined();
  expect(disable.mock.contexts).toContain(storage);
});
