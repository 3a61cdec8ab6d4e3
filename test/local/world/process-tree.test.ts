import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { descendantsOf, endTree, isAlive, processTable } from "../../../local/world/process-tree";

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

test("a tree that is still growing leaves nobody behind", async () => {
  const mark = `grows-${process.pid}-${performance.now()}`;
  // Three children each, one after another and three levels deep, as an engine starts its plugins.
  const grow = `const { spawn } = require("node:child_process");
    const [mark, depth] = process.argv.slice(1);
    let left = Number(depth) > 0 ? 3 : 0;
    const more = () => {
      if (left-- <= 0) return;
      const args = ["-e", process.env.GROW, mark, String(depth - 1)];
      spawn(process.execPath, args, { detached: true, stdio: "ignore" });
    };
    setInterval(more, 30);
    setTimeout(() => process.exit(), 60_000);`;
  const child = spawn(process.execPath, ["-e", grow, mark, "3"], {
    env: { ...process.env, GROW: grow },
    stdio: "ignore",
  });
  const ofTheTree = () => processTable().filter(({ pid }) => commandOf(pid).includes(mark));
  while (ofTheTree().length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
  endTree(child.pid ?? 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(ofTheTree()).toEqual([]);
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it ended in the meantime
  }
}
