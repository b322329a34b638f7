import type { Recipe } from '../recipe.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import { pi } from './pi.ts';
import { qwen } from './qwen.ts';

export const RECIPES: readonly Recipe[] = [
  claude,
  codex,
  gemini,
  pi('openai-chat'),
  pi('openai-responses'),
  pi('anthropic-messages'),
  qwen,
  opencode,
  copilot,
];

/** Why an agent is not run here, as the word of a skipped test. */
export function absent({ packageName }: Recipe): string {
  return `${packageName} has no package for ${process.platform} ${process.arch}`;
}

/** Whichever is here. Throws where none is installed: the canaries would prove nothing. */
export function someAgent(): Recipe {
  const recipe = RECIPES.find((one) => one.program() !== null);
  if (recipe === undefined) throw new Error('no agent is installed');
  return recipe;
}
