import { closeSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 1 << 16;

/**
 * The lines of a file, one after another, without the whole of it in memory.
 *
 * @throws when the file cannot be read
 */
export function* linesOfFile(path: string): Generator<string> {
  const file = openSync(path, "r");
  try {
    const decoder = new TextDecoder();
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let rest = "";
    for (;;) {
      const length = readSync(file, chunk);
      const isEnd = length === 0;
      rest += decoder.decode(chunk.subarray(0, length), { stream: !isEnd });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield line.replace(/\r$/, "");
      if (isEnd) break;
    }
    if (rest !== "") yield rest;
  } finally {
    closeSync(file);
  }
}
