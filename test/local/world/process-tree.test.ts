import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { descendantsOf, endTree, isAlive } from "../../../local/world/process-tree";

test("descendants come after their parents, strangers not at all", () => {
  const table = [
    { pid: 1, parent: 0 },
    { pid: 5, parent: 3 },
    { pid: 3, parent: 2 },
    { pid: 2, parent: 1 },
    { pid: 9, parent: 1 },
  ];
  expect(descendantsOf(2, table)).toEqual([3, 5]);
});

test("a tree is ended with children in process groups of their own", async () => {
  const grandchild = `const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" });
    process.stdout.write(child.pid + "\\n"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", grandchild], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await new Promise<string[]>((resolve) =>
    createInterface({ input: child.stdout }).once("line", (text) => resolve([text])),
  );
  const ids = [child.pid ?? 0, Number(line)];
  expect(ids.map(isAlive)).toEqual([true, true]);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  endTree(child.pid ?? 0);
  await ended;
  while (isAlive(Number(line))) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(ids.map(isAlive)).toEqual([false, false]);
});
