import { findPython, pythonEnvironment } from "../../../local/toolchain/python";
import { createFakeMachine, removeFakeMachines } from "./fake-machine";

afterEach(removeFakeMachines);

const RANGE = { oldest: 10, newest: 14 };

async function machineWith(pythons: Readonly<Record<string, string>>) {
  const machine = await createFakeMachine();
  for (const [name, stdout] of Object.entries(pythons)) {
    machine.programs.set(name, async () => ({ stdout }));
  }
  return machine;
}

test.each([
  ["the plain one", { python3: "3 11 True", "python3.14": "3 14 True" }, "python3"],
  [
    "a numbered one when the plain one is too old",
    { python3: "3 9 True", "python3.12": "3 12 True" },
    "python3.12",
  ],
  [
    "a numbered one when the plain one is too new",
    { python3: "3 15 True", "python3.13": "3 13 True" },
    "python3.13",
  ],
  [
    "one that can make environments",
    { python3: "3 11 False", "python3.10": "3 10 True" },
    "python3.10",
  ],
  ["python, where it is a Python 3", { python: "3 10 True" }, "python"],
])("takes %s", async (_, pythons, chosen) => {
  expect(await findPython(await machineWith(pythons), RANGE)).toBe(chosen);
});

test.each([
  ["python_missing", {}, ""],
  [
    "python_unsuitable",
    { python3: "3 9 True", python: "2 7 False" },
    "python3 is 3.9, python is 2.7",
  ],
  ["python_venv_missing", { python3: "3 11 False" }, "python3 is 3.11"],
])("throws %s", async (code, pythons, detail) => {
  const machine = await machineWith(pythons);
  await expect(findPython(machine, RANGE)).rejects.toMatchObject({ code, detail });
});

test("pip is not led astray by the user's settings, and keeps the ones that reach a mirror", () => {
  const env = {
    PYTHONPATH: "/x",
    PIP_TARGET: "/y",
    PIP_USER: "1",
    PIP_INDEX_URL: "mirror",
    PATH: "p",
  };
  expect(pythonEnvironment(env)).toEqual({
    PATH: "p",
    PIP_INDEX_URL: "mirror",
    PIP_NO_INPUT: "1",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
  });
});
