import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Command } from "../../../local/toolchain/command";
import { ensureEngine } from "../../../local/toolchain/engine";
import type { EngineTrees } from "../../../local/toolchain/engine-programs";
import { SILENT_PROGRESS } from "../../../local/toolchain/progress";
import { treeHashOf } from "../../../local/toolchain/tree-hash";
import {
  createFakeMachine,
  type FakeMachine,
  type FakeProgram,
  putExecutable,
  recordProgress,
  removeFakeMachines,
} from "./fake-machine";

afterEach(removeFakeMachines);

const ENTRY = "engine-3.256.0-linux-x64";
const says =
  (stdout: string): FakeProgram =>
  async () => ({ stdout });
const versionOf =
  (version: string): FakeProgram =>
  async ({ args }) =>
    args[0] === "version" ? { stdout: `${version}\n` } : { exitCode: 1 };

/** A `go` that builds: it puts the two programs where GOBIN says. */
function goOf(version: string): FakeProgram {
  return async (command: Command) => {
    if (command.args[0] === "version") return { stdout: `go version ${version} linux/amd64` };
    const name = basename(command.cwd ?? "") === "cli" ? "pulumi" : "pulumi-language-nodejs";
    command.onLine?.("go: downloading example.test/module v1.0.0");
    command.onLine?.("example.test/module/package");
    await putExecutable(join(command.env["GOBIN"] ?? "", name));
    return {};
  };
}

/** An `npm` that unpacks the wrapper, with the integrity given. */
function npmOf(integrity: string): FakeProgram {
  return async ({ args }) => {
    const prefix = args.find((arg) => arg.startsWith("--prefix="))?.slice("--prefix=".length) ?? "";
    const wrapper = join(prefix, "node_modules", "pulumi");
    await mkdir(join(wrapper, "lib"), { recursive: true });
    await writeFile(
      join(wrapper, "lib", "download.js"),
      'const A = "https://download.test/install.sh";',
    );
    const packages = { "node_modules/pulumi": { integrity } };
    await writeFile(
      join(prefix, "node_modules", ".package-lock.json"),
      JSON.stringify({ packages }),
    );
    return {};
  };
}

/** A `node` that lets the wrapper download: into the folder that it was given. */
const wrapperRun: FakeProgram = async ({ args }) => {
  const bin = join(args.at(-1) ?? "", "bin");
  for (const name of ["pulumi", "pulumi-language-nodejs"]) await putExecutable(join(bin, name));
  return {};
};

/** The hash of what that leaves there. */
async function fakeTrees(machine: FakeMachine): Promise<EngineTrees> {
  const bin = join(machine.folder, "unpacked");
  for (const name of ["pulumi", "pulumi-language-nodejs"]) await putExecutable(join(bin, name));
  return { "linux-x64": await treeHashOf(bin) };
}

async function pinnedIntegrity(): Promise<string> {
  const source = await readFile(
    join(__dirname, "../../../local/toolchain/engine-from-npm.ts"),
    "utf8",
  );
  return /"(sha512-[^"]+)"/.exec(source)?.[1] ?? "";
}

async function machineWithGo(): Promise<FakeMachine> {
  const machine = await createFakeMachine();
  machine.programs.set("go", goOf("go1.26.8"));
  machine.programs.set("pulumi", versionOf("v3.256.0"));
  return machine;
}

describe("the user's own engine", () => {
  async function machineWithOwn(version: string, hasHost = true): Promise<FakeMachine> {
    const machine = await machineWithGo();
    const bin = join(machine.folder, "bin");
    await putExecutable(join(bin, "pulumi"));
    if (hasHost) await putExecutable(join(bin, "pulumi-language-nodejs"));
    let isFirst = true;
    machine.programs.set("pulumi", async () => {
      const stdout = isFirst ? version : "v3.256.0";
      isFirst = false;
      return { stdout };
    });
    return machine;
  }

  test("is used when it is new enough, and nothing is installed", async () => {
    const machine = await machineWithOwn("v3.200.0");
    const engine = await ensureEngine(SILENT_PROGRESS, machine);
    expect(engine).toEqual({
      binDir: join(machine.folder, "bin"),
      version: "3.200.0",
      how: "path",
    });
    await expect(readdir(machine.cache)).rejects.toThrow("ENOENT");
  });

  test("is left alone when it is too old", async () => {
    const engine = await ensureEngine(SILENT_PROGRESS, await machineWithOwn("v3.199.9"));
    expect(engine.how).toBe("go-on-path");
  });

  test("is left alone when its Node language host is missing", async () => {
    const machine = await machineWithGo();
    await putExecutable(join(machine.folder, "bin", "pulumi"));
    expect((await ensureEngine(SILENT_PROGRESS, machine)).how).toBe("go-on-path");
  });
});

describe("the official npm package", () => {
  test("comes before Go when its download is in reach", async () => {
    const machine = await machineWithGo();
    machine.isDownloadInReach = true;
    machine.programs.set("npm", npmOf(await pinnedIntegrity()));
    machine.programs.set("node", wrapperRun);
    const engine = await ensureEngine(SILENT_PROGRESS, machine, await fakeTrees(machine));
    expect(engine).toEqual({
      binDir: join(machine.cache, ENTRY, "bin"),
      version: "3.256.0",
      how: "npm",
    });
    expect(machine.ran.filter((line) => line.startsWith("go"))).toEqual([]);
    expect(await readdir(join(machine.cache, ENTRY))).toEqual(["bin", "manifest.json"]);
  });

  test("is not run when it is not the one that is pinned", async () => {
    const machine = await machineWithGo();
    machine.isDownloadInReach = true;
    machine.programs.set("npm", npmOf("sha512-other"));
    machine.programs.set("node", wrapperRun);
    expect((await ensureEngine(SILENT_PROGRESS, machine)).how).toBe("go-on-path");
    expect(machine.ran.filter((line) => line.startsWith("node"))).toEqual([]);
  });

  test("is not run when its download does not answer", async () => {
    const machine = await machineWithGo();
    machine.programs.set("npm", npmOf(await pinnedIntegrity()));
    machine.programs.set("node", wrapperRun);
    expect((await ensureEngine(SILENT_PROGRESS, machine)).how).toBe("go-on-path");
    expect(machine.ran.filter((line) => line.startsWith("node"))).toEqual([]);
  });

  test("its engine is never run when it is not the one that is pinned", async () => {
    const machine = await machineWithGo();
    const progress = recordProgress();
    machine.isDownloadInReach = true;
    machine.programs.set("npm", npmOf(await pinnedIntegrity()));
    machine.programs.set("node", wrapperRun);
    expect((await ensureEngine(progress, machine)).how).toBe("go-on-path");
    expect(progress.told).toContain("done its content is not the pinned one, so it is left alone");
    const engines = machine.commands.filter(({ file }) => file.endsWith("pulumi"));
    expect(engines.filter(({ file }) => file.includes("scratch"))).toEqual([]);
  });

  test("its engine is taken as it comes where nobody wrote down what it holds", async () => {
    const machine = await machineWithGo();
    machine.isDownloadInReach = true;
    machine.programs.set("npm", npmOf(await pinnedIntegrity()));
    machine.programs.set("node", wrapperRun);
    expect((await ensureEngine(SILENT_PROGRESS, machine, {})).how).toBe("npm");
  });

  test("gives way to Go when its download fails, and says why", async () => {
    const machine = await machineWithGo();
    const progress = recordProgress();
    machine.isDownloadInReach = true;
    machine.programs.set("npm", npmOf(await pinnedIntegrity()));
    machine.programs.set("node", async () => ({ exitCode: 1, output: "curl: (22) error 403\n" }));
    expect((await ensureEngine(progress, machine)).how).toBe("go-on-path");
    expect(progress.told).toContain("done it failed: curl: (22) error 403");
  });
});

describe("the build from Go modules", () => {
  test("keeps every cache of Go in the folder that is removed, and changes no pin", async () => {
    const machine = await machineWithGo();
    await ensureEngine(SILENT_PROGRESS, machine);
    const builds = machine.commands.filter(
      ({ args }) => args[0] === "install" && args.includes("tool"),
    );
    expect(builds.map(({ cwd }) => basename(cwd ?? ""))).toEqual(["cli", "language-host"]);
    for (const { env } of builds) {
      const scratch = join(machine.cache, `${ENTRY}.building-${process.pid}`, "scratch");
      expect(env).toMatchObject({ GOTOOLCHAIN: "local", GOWORK: "off" });
      expect(env["GOFLAGS"]).toContain("-mod=readonly");
      for (const name of ["GOPATH", "GOCACHE", "GOMODCACHE", "GOTMPDIR"]) {
        expect(env[name]?.startsWith(scratch)).toBe(true);
      }
    }
    expect(await readdir(machine.cache)).toEqual([ENTRY]);
  });

  test("tells how far it is", async () => {
    const progress = recordProgress();
    await ensureEngine(progress, await machineWithGo());
    expect(progress.told).toContain("tick 1 modules, 1 of about 1650 packages compiled");
  });

  test.each([
    ["too old", "go1.25.11"],
    ["not there", undefined],
  ])("brings Go with pip when the one on PATH is %s", async (_, version) => {
    const machine = await machineWithGo();
    const broughtGo = goOf("go1.26.6");
    machine.programs.set("go", async (command) => {
      if (command.file !== "go") return broughtGo(command);
      return version === undefined
        ? { outcome: "not_started", exitCode: -1 }
        : { stdout: `go version ${version} linux/amd64` };
    });
    machine.programs.set("python3", async ({ args }) => ({
      stdout: args[0] === "-c" ? "3 9 True" : "",
    }));
    expect((await ensureEngine(SILENT_PROGRESS, machine)).how).toBe("go-from-pip");
    const pip = machine.commands.find(({ args }) => args[1] === "pip");
    expect(pip?.args).toEqual(expect.arrayContaining(["--require-hashes", "--only-binary=:all:"]));
  });

  test.each([
    ["dial tcp: lookup example.test: no such host", "go_modules_unreachable"],
    ["reading example.test: 403 Forbidden", "go_modules_unreachable"],
    ["verifying module: checksum mismatch\nSECURITY ERROR", "download_altered"],
    ["write /x: no space left on device", "disk_full"],
    ["internal compiler error", "engine_build_failed"],
  ])("names the trouble of %j and leaves nothing behind", async (output, code) => {
    const machine = await machineWithGo();
    machine.programs.set("go", async ({ args }) =>
      args[0] === "version" ? { stdout: "go version go1.26.8" } : { exitCode: 1, output },
    );
    await expect(ensureEngine(SILENT_PROGRESS, machine)).rejects.toMatchObject({ code });
    expect(await readdir(machine.cache)).toEqual([]);
  });

  test("fails when what was built is not the pinned version", async () => {
    const machine = await machineWithGo();
    machine.programs.set("pulumi", says("v3.1.0"));
    const failure = { code: "engine_build_failed" };
    await expect(ensureEngine(SILENT_PROGRESS, machine)).rejects.toMatchObject(failure);
  });
});

describe("the cached engine", () => {
  test("is found again without running anything", async () => {
    const machine = await machineWithGo();
    const first = await ensureEngine(SILENT_PROGRESS, machine);
    machine.ran.length = 0;
    expect(await ensureEngine(SILENT_PROGRESS, machine)).toEqual(first);
    expect(machine.ran).toEqual([]);
  });

  test("is made once when two ask at the same time", async () => {
    const machine = await machineWithGo();
    machine.onWait = () => new Promise((resolve) => setImmediate(resolve));
    const both = await Promise.all([
      ensureEngine(SILENT_PROGRESS, machine),
      ensureEngine(SILENT_PROGRESS, machine),
    ]);
    expect(both[0]).toEqual(both[1]);
    expect(machine.ran.filter((line) => line === "go install -v")).toHaveLength(2);
    expect(await readdir(machine.cache)).toEqual([ENTRY]);
  });

  test.each(["manifest.json", join("bin", "pulumi")])(
    "is made anew when %s is cut short",
    async (path) => {
      const machine = await machineWithGo();
      await ensureEngine(SILENT_PROGRESS, machine);
      await writeFile(join(machine.cache, ENTRY, path), "cut");
      machine.ran.length = 0;
      await ensureEngine(SILENT_PROGRESS, machine);
      expect(machine.ran).toContain("go install -v");
    },
  );

  test("is made although a run that died left a half-built one, which is cleared away", async () => {
    const machine = await machineWithGo();
    await putExecutable(join(machine.cache, `${ENTRY}.building-4242`, "scratch", "left"));
    await ensureEngine(SILENT_PROGRESS, machine);
    expect(await readdir(machine.cache)).toEqual([ENTRY]);
  });
});

test("too little disk is told before anything is downloaded", async () => {
  const machine = await machineWithGo();
  machine.free = 1024 ** 3;
  const failure = ensureEngine(SILENT_PROGRESS, machine);
  await expect(failure).rejects.toThrow(/1\.0 GiB free at .*, 2 GiB needed/);
  await expect(failure).rejects.toMatchObject({ code: "disk_full" });
  expect(machine.ran).toEqual([]);
});

test("too little disk for the build is told before it begins", async () => {
  const machine = await machineWithGo();
  machine.free = 3 * 1024 ** 3;
  await expect(ensureEngine(SILENT_PROGRESS, machine)).rejects.toMatchObject({ code: "disk_full" });
  expect(machine.ran.filter((line) => line.startsWith("go"))).toEqual([]);
});

test("another platform is refused by name", async () => {
  const machine = { ...(await createFakeMachine()), platform: "win32" as const };
  await expect(ensureEngine(SILENT_PROGRESS, machine)).rejects.toThrow(
    /win32 x64.*Windows Subsystem/,
  );
});
