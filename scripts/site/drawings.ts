import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";

/** What is used of Mermaid and of a document for it; both are packages of the site's own. */
interface Mermaid {
  readonly default: { parse(drawing: string): Promise<unknown> };
}
interface HappyDom {
  readonly Window: new () => { readonly document: unknown; close(): void };
}

/** The drawings of some documents, as Mermaid's parser is to read them. */
export function drawingsIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(/^```mermaid\n([\s\S]*?)\n```$/gm)].map(([, drawing = ""]) => drawing),
  );
}

/** The name of a drawing that was read, in a list that the project's tests compare: they do without Mermaid. */
export function drawingHash(drawing: string): string {
  return createHash("sha256").update(drawing).digest("hex");
}

/**
 * Has Mermaid's own parser read drawings, and gives their hashes.
 *
 * @throws what the parser says of the first that it does not read
 */
export async function parsedDrawings(drawings: readonly string[]): Promise<string[]> {
  const { Window } = (await import(packageOf("happy-dom"))) as HappyDom;
  const window = new Window();
  // The parser cleans texts by the means of a document.
  Object.assign(globalThis, { window, document: window.document });
  const { default: mermaid } = (await import(packageOf("mermaid"))) as Mermaid;
  for (const drawing of drawings) await mermaid.parse(drawing);
  window.close();
  return [...new Set(drawings.map(drawingHash))].sort();
}

function packageOf(name: string): string {
  return pathToFileURL(require.resolve(name, { paths: [__dirname] })).href;
}
