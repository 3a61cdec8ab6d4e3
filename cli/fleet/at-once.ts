/** AWS's reads may be asked thousands of times a second; this many are under way at a time. */
const WIDTH = 40;

/** Asks for all, so many at a time; the answers are in the order of the questions. */
export async function atOnce<T, R>(
  questions: readonly T[],
  ask: (one: T) => Promise<R>,
  width = WIDTH,
): Promise<R[]> {
  const answers: R[] = new Array(questions.length);
  const queue = [...questions.entries()];
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [place, question] = next;
      answers[place] = await ask(question);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, questions.length) }, lane));
  return answers;
}
