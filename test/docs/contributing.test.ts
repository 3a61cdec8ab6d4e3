import { spawnSync } from "node:child_process";
import { blocksOf, PROJECT } from "./code-blocks";

/** The commands that a newcomer tries first. */
const blocks = blocksOf("CONTRIBUTING.md").filter((block) => block.mark === "tree");

test("CONTRIBUTING shows how one test is run", () => {
  expect(blocks.length).toBeGreaterThan(1);
});

test.each(blocks)("the command on line $line works as it stands", ({ code }) => {
  const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", code], {
    cwd: PROJECT,
    encoding: "utf8",
  });
  expect({ status, said: status === 0 ? "" : `${stdout}${stderr}` }).toEqual({
    status: 0,
    said: "",
  });
  expect(`${stdout}${stderr}`).toContain(".test.ts");
});
