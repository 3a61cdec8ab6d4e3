import { createHash } from "node:crypto";

const HASHES = ["md5", "sha1", "sha256"] as const;
/** Shorter pieces than this are found by chance. */
const SHORTEST_PIECE = 12;

/** A form of a secret under which it can leave. */
interface Form {
  /** Which secret, in which disguise: never the secret. */
  readonly name: string;
  readonly text: string;
}

/** Values that must not be seen outside, and the search for them in every disguise that is easy to undo or to compare with. */
export class Canaries {
  readonly #forms: Form[] = [];
  readonly #known = new Set<string>();
  readonly #names = new Set<string>();

  /** Watches for a value from now on. */
  add(name: string, value: string | undefined): void {
    if (value === undefined || value.length < SHORTEST_PIECE) return;
    this.#names.add(name);
    if (this.#known.has(value)) return;
    this.#known.add(value);
    this.#forms.push(...formsOf(name, value));
  }

  /** What is watched for. */
  get names(): string[] {
    return [...this.#names];
  }

  /** How many values are watched for. */
  get size(): number {
    return this.#known.size;
  }

  /** The disguises in which watched values stand in a text. */
  findIn(text: string): string[] {
    const folded = text.toLowerCase();
    const found = this.#forms.filter(
      (form) => text.includes(form.text) || folded.includes(form.text.toLowerCase()),
    );
    return [...new Set(found.map(({ name }) => name))];
  }
}

function formsOf(name: string, value: string): Form[] {
  const end = value.slice(-SHORTEST_PIECE);
  // An end in plain words, such as client_secret, is found by chance too.
  const pieces = [value, value.slice(0, -4), ...(/\d/.test(end) ? [end] : [])];
  const plain = pieces
    .filter((piece) => piece.length >= SHORTEST_PIECE)
    .flatMap((piece) => encodingsOf(name, Buffer.from(piece)));
  const hashed = HASHES.flatMap((hash) =>
    encodingsOf(`${hash} of ${name}`, createHash(hash).update(value).digest(), { isHash: true }),
  );
  return [...plain, ...hashed];
}

function encodingsOf(name: string, bytes: Buffer, { isHash = false } = {}): Form[] {
  const text = bytes.toString("utf8");
  const encoded = [
    ...(isHash ? [] : [{ name, text }]),
    ...(isHash ? [] : [{ name: `${name}, URL-encoded`, text: encodeURIComponent(text) }]),
    { name: `${name}, hex`, text: bytes.toString("hex") },
    ...base64FormsOf(name, bytes),
    // A digest's own text may be encoded once more.
    ...(isHash ? base64FormsOf(`hex of ${name}`, Buffer.from(bytes.toString("hex"))) : []),
  ];
  return encoded.filter((form) => form.text.length >= SHORTEST_PIECE);
}

/** Base64 of bytes that stand anywhere in a longer text: three alignments, without the characters that neighbours change. */
function base64FormsOf(name: string, bytes: Buffer): Form[] {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    const head = Math.ceil((shift * 8) / 6);
    const whole = Math.floor(((shift + bytes.length) * 8) / 6);
    const text = padded.slice(head, whole);
    const url = text.replaceAll("+", "-").replaceAll("/", "_");
    return [
      { name: `${name}, base64`, text },
      { name: `${name}, base64`, text: url },
    ];
  });
}
