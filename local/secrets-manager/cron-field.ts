/** What a field of a cron expression may hold. */
export interface FieldRange {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

/** Parses lists, ranges and steps of one field; undefined when it is not one. */
export function parseField(field: string, range: FieldRange): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const values = parsePart(part, range);
    if (values === undefined) return undefined;
    for (const value of values) found.add(value);
  }
  return found;
}

function parsePart(part: string, range: FieldRange): readonly number[] | undefined {
  const [span, step, ...rest] = part.split("/");
  if (span === undefined || rest.length > 0) return undefined;
  const bounds = parseSpan(span, range, step !== undefined);
  const stride = step === undefined ? 1 : Number(step);
  if (bounds === undefined || !Number.isInteger(stride) || stride < 1 || step === "") {
    return undefined;
  }
  const values: number[] = [];
  for (let value = bounds.from; value <= bounds.to; value += stride) values.push(value);
  return values;
}

/** With a step, a single number means "from here to the end", as in 2/8. */
function parseSpan(
  span: string,
  range: FieldRange,
  hasStep: boolean,
): { readonly from: number; readonly to: number } | undefined {
  if (span === "*") return { from: range.min, to: range.max };
  const [first, last, ...rest] = span.split("-");
  const from = numberOf(first, range);
  const to = last === undefined ? from : numberOf(last, range);
  if (from === undefined || to === undefined || rest.length > 0 || from > to) return undefined;
  return { from, to: hasStep && last === undefined ? range.max : to };
}

function numberOf(text: string | undefined, range: FieldRange): number | undefined {
  if (text === undefined) return undefined;
  const named = range.names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + range.min;
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= range.min && value <= range.max ? value : undefined;
}
