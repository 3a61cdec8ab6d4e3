import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { escapeHtml } from "../contract/escape-html";

const DOCS = join(__dirname, "../docs");

/** One line of the film, and when it appears, in seconds. */
export interface FilmLine {
  readonly at: number;
  readonly spans: readonly { readonly text: string; readonly style: string }[];
}

/** Nobody waits longer than this for the next line, and the whole takes no longer than that, in seconds. */
const LONGEST_PAUSE = 0.9;
const LONGEST_FILM = 45;

/** Select Graphic Rendition, as far as the demo uses it (ECMA-48, 8.3.117). */
const STYLES: Readonly<Record<string, string>> = { "1": "b", "90": "g", "32": "ok", "31": "no" };
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal's colours begin with
const SGR = /\u001b\[(\d+)m/;

/** The lines of an asciicast, the pauses shortened. */
export function linesOf(cast: string): FilmLine[] {
  const [, ...events] = cast.trim().split("\n");
  let [shown, last] = [0, 0];
  const lines = events.flatMap((event): { at: number; text: string }[] => {
    const [at, , text] = JSON.parse(event) as [number, string, string];
    shown += Math.min(at - last, LONGEST_PAUSE);
    last = at;
    return text
      .replace(/\r\n$/, "")
      .split("\r\n")
      .map((line) => ({ at: shown, text: line }));
  });
  const pace = Math.min(1, LONGEST_FILM / Math.max(shown, 1));
  return lines.map(({ at, text }) => ({ at: at * pace, spans: spansOf(text) }));
}

function spansOf(text: string): FilmLine["spans"] {
  let style = "";
  return text.split(SGR).flatMap((part, index) => {
    if (index % 2 === 0) return part === "" ? [] : [{ text: part, style }];
    style = STYLES[part] ?? "";
    return [];
  });
}

const [ROWS, COLUMNS, WIDTH, HEIGHT] = [26, 110, 7.25, 17] as const;

/** The film as a picture that moves by itself, plays once and needs no script; it stands still for who wants that. */
export function encodeFilm(lines: readonly FilmLine[]): string {
  const seconds = (lines.at(-1)?.at ?? 0) + 1;
  const shifted = lines.flatMap(({ at }, index) => {
    const rows = index + 1 - ROWS;
    if (rows <= 0) return [];
    const percent = ((at / seconds) * 100).toFixed(2);
    return [`${percent}%{transform:translateY(${-rows * HEIGHT}px)}`];
  });
  const end = -Math.max(0, lines.length - ROWS) * HEIGHT;
  const [width, height] = [COLUMNS * WIDTH + 32, ROWS * HEIGHT + 32];
  const texts = lines.map(({ at, spans }, index) => {
    const inside = spans.map(({ text, style }) =>
      style === "" ? escapeHtml(text) : `<tspan class="${style}">${escapeHtml(text)}</tspan>`,
    );
    return `<text y="${(index + 1) * HEIGHT}" style="animation-delay:${at.toFixed(2)}s">${inside.join("")}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="npm run demo, in a terminal">
<style>
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d6d9de;white-space:pre;opacity:0;animation:show .01s linear forwards}
.b{font-weight:700;fill:#fff}.g{fill:#8b929c}.ok{fill:#6fd08c}.no{fill:#ff7b72}
.roll{animation:roll ${seconds.toFixed(2)}s steps(1,end) forwards}
@keyframes show{to{opacity:1}}
@keyframes roll{0%{transform:none}${shifted.join("")}100%{transform:translateY(${end}px)}}
@media(prefers-reduced-motion:reduce){text{opacity:1;animation:none}.roll{animation:none;transform:translateY(${end}px)}}
</style>
<rect width="100%" height="100%" rx="8" fill="#15181d"/>
<svg x="16" y="12" width="${width - 32}" height="${height - 24}"><g class="roll">
${texts.join("\n")}
</g></svg>
</svg>
`;
}

if (require.main === module) {
  const lines = linesOf(readFileSync(join(DOCS, "film.cast"), "utf8"));
  writeFileSync(join(DOCS, "film.svg"), encodeFilm(lines));
}
