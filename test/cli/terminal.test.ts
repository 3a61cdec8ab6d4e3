import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { terminalSurroundings } from "../../cli/terminal";

let folder: string;
const host = terminalSurroundings();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "terminal-"));
});
afterEach(async () => await rm(folder, { recursive: true }));

test("a file that is not there is named, and a pipe is offered where one is read", async () => {
  const file = join(folder, "nope.yaml");
  await expect(host.readFile(file)).rejects.toMatchObject({
    message: `${file} cannot be read (ENOENT)`,
    next: "put it there, or name one that is, then the same command",
  });
  await expect(host.readFileOrPipe(file)).rejects.toMatchObject({
    message: `${file} cannot be read (ENOENT)`,
    next: "give the path of one, or - for a pipe",
  });
  await expect(host.readFile(folder)).rejects.toThrow(`${folder} cannot be read (EISDIR)`);
});

test("where only a file is read, - is none", async () => {
  await expect(host.readFile("-")).rejects.toThrow("- cannot be read (ENOENT)");
});

test("a secret in the place of a file's name is not repeated", async () => {
  await expect(host.readFile("shpss_0123456789abcdef")).rejects.toThrow(
    /^the file cannot be read \(ENOENT\)$/,
  );
});

test("a file that cannot be written is named", async () => {
  const file = join(folder, "no-folder", "stores.jsonl");
  await expect(host.writeFile(file, "")).rejects.toThrow(`${file} cannot be written (ENOENT)`);
});
