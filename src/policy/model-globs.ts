/** Globs over names of models (`claude-*`, `openai/gpt-*`). A name is text of a request, so nothing is taken for granted. */
import { compileGlobs, globSyntaxProblem, readPath } from './globs.ts';

/** Far above any name a vendor gives; ARNs of Bedrock have some 120 characters. */
const MAX_NAME = 300;

function nameProblem(name: string, what: string): string | null {
  if (name === '') return `${what} is empty`;
  if (name.length > MAX_NAME) return `${what} has ${name.length} characters; at most ${MAX_NAME} fit`;
  if (/[\s\x00-\x1f\x7f]/.test(name)) return `${what} has a space or a control character`;
  return null;
}

/** One sentence on what is wrong with the exact name of a model, or null. */
export function modelNameProblem(name: string): string | null {
  const problem = nameProblem(name, 'the name of a model');
  if (problem !== null) return problem;
  return /[*?{}]/.test(name) ? `"${name}" is a glob; a price is for one model by its exact name` : null;
}

/** One sentence on what is wrong with a glob over names of models, or null. */
export function modelGlobProblem(glob: string): string | null {
  const problem = nameProblem(glob, 'the glob');
  if (problem !== null) return problem;
  if (glob.startsWith('!')) return `"${glob}" starts with \`!\`; name the models that may be used`;
  return globSyntaxProblem(glob);
}

/**
 * Whether a model may be used. `*` stops at a `/` and `**` does not; a plain name covers itself and what is under it
 * (`openai` covers `openai/gpt-5`). Letters count as written: matching less is the safe side of a list that permits.
 */
export function compileModelGlobs(globs: readonly string[]): (model: string) => boolean {
  const test = compileGlobs(globs, 'exact');
  return (model) => nameProblem(model, 'the name of a model') === null && test(readPath(model));
}
