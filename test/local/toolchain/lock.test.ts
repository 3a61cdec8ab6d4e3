import { mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { takeLock } from "../../../local/toolchain/lock";
import { SILENT_PROGRESS } from "../../../local/toolchain/progress";
import {
  createFakeMachine,
  type FakeMachine,
  recordProgress,
  removeFakeMachines,
} from "./fake-machine";

afterEach(removeFakeMachines);

const DEAD = 4_242;
const ALIVE = 4_243;

async function machineWithLock(text: string): Promise<{ machine: FakeMachine; path: string }> {
  const machine = await createFakeMachine();
  machine.alive.add(ALIVE);
  await mkdir(machine.cache);
  const path = join(machine.cache, "engine.lock");
  await writeFile(path, text);
  return { machine, path };
}

const lockOf = (pid: number, host = "here") => JSON.stringify({ pid, host, token: `${pid}` });

test("a free lock is taken, and given back without a trace", async () => {
  const machine = await createFakeMachine();
  await mkdir(machine.cache);
  const path = join(machine.cache, "engine.lock");
  const release = await takeLock(machine, path, SILENT_PROGRESS);
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
    pid: process.pid,
    host: "here",
  });
  await release();
  expect(await readdir(machine.cache)).toEqual([]);
});

test.each([
  ["of a process that is gone", lockOf(DEAD)],
  ["that is no lock of ours", "half a lo"],
  ["that is empty", ""],
])("a lock %s is taken over", async (_, text) => {
  const { machine, path } = await machineWithLock(text);
  const progress = recordProgress();
  const release = await takeLock(machine, path, progress);
  expect(progress.told[0]).toMatch(/^step clearing the lock of a run that died/);
  await release();
  expect(await readdir(machine.cache)).toEqual([]);
});

test("a lock whose process has been silent for six minutes is taken over: its number is another's now", async () => {
  const { machine, path } = await machineWithLock(lockOf(ALIVE));
  const old = new Date(Date.now() - 6 * 60_000);
  await utimes(path, old, old);
  await takeLock(machine, path, SILENT_PROGRESS).then((release) => release());
  expect(await readdir(machine.cache)).toEqual([]);
});

test.each([
  ["a live process", lockOf(ALIVE)],
  ["another machine", lockOf(DEAD, "elsewhere")],
])("a lock of %s is waited for, and the waiting is told once", async (_, text) => {
  const { machine, path } = await machineWithLock(text);
  const progress = recordProgress();
  let waits = 0;
  machine.onWait = async () => {
    waits += 1;
    if (waits === 3) await rm(path);
  };
  const release = await takeLock(machine, path, progress);
  expect(waits).toBe(3);
  const told = progress.told.filter((line) => line.includes("waiting for another run"));
  expect(told).toHaveLength(1);
  await release();
});

test("a live lock that never comes free is given up, by name", async () => {
  const { machine, path } = await machineWithLock(lockOf(ALIVE));
  machine.onWait = async () => {
    machine.offsetMs += 10 * 60_000;
    const fresh = new Date(machine.nowMs());
    await utimes(path, fresh, fresh);
  };
  const failure = takeLock(machine, path, SILENT_PROGRESS);
  await expect(failure).rejects.toMatchObject({
    code: "lock_held",
    detail: "process 4243 on here",
  });
  expect(await readFile(path, "utf8")).toBe(lockOf(ALIVE));
});

test("a lock that another run took over meanwhile is not given back by the first", async () => {
  const machine = await createFakeMachine();
  await mkdir(machine.cache);
  const path = join(machine.cache, "engine.lock");
  const release = await takeLock(machine, path, SILENT_PROGRESS);
  await writeFile(path, lockOf(ALIVE));
  await release();
  expect(await readFile(path, "utf8")).toBe(lockOf(ALIVE));
  expect(await readdir(machine.cache)).toEqual(["engine.lock"]);
});
