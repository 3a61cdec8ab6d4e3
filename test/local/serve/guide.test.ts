import { execFileSync } from "node:child_process";
import { exportsOf, parseSpan } from "../../../local/serve/guide";

test.each([
  ["+8h", 8 * 3_600_000],
  [" +30m ", 30 * 60_000],
  ["+2d", 2 * 86_400_000],
  ["+45s", 45_000],
  ["8h", undefined],
  ["+0h", undefined],
  ["+8w", undefined],
  ["+9999999d", undefined],
  ["", undefined],
])("%j moves the clock by %s", (line, span) => expect(parseSpan(line)).toBe(span));

test("a shell that runs the lines has the environment, and its own PATH behind it", () => {
  const lines = exportsOf({ A: "it's 1 $x", PATH: "/engine bin:/usr/bin:/bin" }, "/usr/bin:/bin");
  const script = [...lines, 'printf "%s|%s" "$A" "$PATH"'].join("\n");
  const said = execFileSync("/bin/sh", ["-c", script], {
    env: { PATH: "/usr/bin:/bin" },
    encoding: "utf8",
  });
  expect(said).toBe("it's 1 $x|/engine bin:/usr/bin:/bin");
});
