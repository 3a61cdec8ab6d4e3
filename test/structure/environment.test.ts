import { AsyncLocalStorage } from "node:async_hooks";
import OwnStorages from "../environment";

type Given = ConstructorParameters<typeof OwnStorages>;

const [CONFIG, CONTEXT] = [
  { projectConfig: { globals: {}, testEnvironmentOptions: {}, fakeTimers: {} } },
  { docblockPragmas: {} },
] as unknown as Given;

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
  const environment = new OwnStorages(CONFIG, CONTEXT);
  await environment.setup();
  const storage = new AsyncLocalStorage<string>();
  use(storage);
  await environment.teardown();
  expect(storage.getStore()).toBeUndefined();
  expect(disable.mock.contexts).toContain(storage);
});
