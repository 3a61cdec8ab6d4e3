/**
 * Reads JSON that may hold a secret; undefined when it is not JSON.
 *
 * Node's own error quotes the text that it choked on (a bare token whole), so it is dropped here.
 */
export function parseJsonQuietly(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // the error's message may hold the secret; callers say what was expected instead
  }
}
