import { LEAK_MISTAKES } from "./leak-mistakes";
import type { Mistake } from "./mistake";
import { PRODUCT_MISTAKES } from "./product-mistakes";
import { QUESTION_MISTAKES } from "./question-mistakes";
import { TEXT_MISTAKES } from "./text-mistakes";
import { WORLD_MISTAKES } from "./world-mistakes";

/** Every planted mistake. */
export const MISTAKES: readonly Mistake[] = [
  ...PRODUCT_MISTAKES,
  ...TEXT_MISTAKES,
  ...LEAK_MISTAKES,
  ...QUESTION_MISTAKES,
  ...WORLD_MISTAKES,
];
