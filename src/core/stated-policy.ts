/**
 * What a repository says to those who contribute with the help of an AI. Pure. It is shown before anything is sent; where it plainly
 * forbids that, a person has to insist. It errs towards asking: a sentence that only sounds like it costs one option.
 */

/** Where projects write it down; GitHub and GitLab show those of `CONTRIBUTING.md` beside a new request. */
export const STATED_POLICY_FILES: readonly string[] = [
  'AGENTS.md',
  'AI_POLICY.md',
  'CONTRIBUTING.md',
  'docs/CONTRIBUTING.md',
  '.github/AI_POLICY.md',
  '.github/CONTRIBUTING.md',
  '.gitlab/CONTRIBUTING.md',
];

export interface StatedLine {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly forbids: boolean;
}

/** Speaks of AI in some way. "Agent" alone is a matter of every second repository, so it counts for showing only. */
const AI =
  /\b(?:A\.?I\.?|LLMs?|GPT|artificial intelligence|generative|language models?|chat ?bots?|ChatGPT|Copilot|Claude|Gemini|Codex|(?:AI|machine|bot|auto)[- ](?:generated|assisted|written|authored))\b/i;
const AGENT = /\b(?:(?:coding|AI|autonomous) agents?|agents?|bots?)\b/i;
/** In capitals only: "ai" is a word of many languages. */
const BARE_AI = /\bA\.?I\.?\b/;

/** What is contributed. */
const CONTRIBUTION =
  /\b(?:contributions?|contribut(?:e|ing|ors?)|pull requests?|merge requests?|PRs?|MRs?|patch(?:es)?|commits?|submissions?|submit(?:ted|ting)?|code|changes?|content|issues?)\b/i;
const FORBIDS =
  /\b(?:(?:do(?:es)?|will|can|may|shall|must|should) ?(?:not|n['’]t)|don['’]t|doesn['’]t|won['’]t|can['’]?not|can['’]t|never|no longer|(?<!not )(?<!n['’]t )(?:forbid(?:s|den)?|prohibit(?:s|ed)?|ban(?:s|ned)?|disallow(?:s|ed)?|reject(?:s|ed)?|refuse[sd]?)|not (?:accept(?:ed|able)?|allowed|permitted|welcome|tolerated)|unwelcome|unacceptable|closed without)\b|^\W*no\b/i;
const ACCEPTS =
  /\b(?:accept|allow|permit|welcome|want|merge|take|submit|use|send|open|contribute|tolerate|post|commit|contain|include)/i;

/** Prohibitions that name their own condition are rules for contributing, and no ban. */
const CONDITION =
  /\b(?:(?<!closed )without|unless|until|except|if you|before you|that you (?:have|do)|you (?:do not|don['’]t) understand|blindly|unreviewed)\b/i;

function isAi(text: string): boolean {
  return BARE_AI.test(text) || AI.test(text.replaceAll(/\bai\b/g, ''));
}

/** Whether a sentence plainly says that such contributions are not wanted. */
function forbids(sentence: string): boolean {
  if (!isAi(sentence) || !CONTRIBUTION.test(sentence) || CONDITION.test(sentence)) return false;
  const banned = FORBIDS.exec(sentence)?.[0] ?? null;
  if (banned === null) return false;
  const alone =
    /forbid|prohibit|ban|disallow|reject|refuse|not (?:accept|allowed|permitted|welcome|tolerated)|unwelcome|unacceptable|closed/i;
  return alone.test(banned) || /^\W*no\b/i.test(banned) || ACCEPTS.test(sentence);
}

interface Sentence {
  readonly line: number;
  readonly text: string;
}

/** Sentences of Markdown: a paragraph's lines belong together, an item of a list stands alone. */
function sentencesOf(text: string): readonly Sentence[] {
  const found: Sentence[] = [];
  let open: { line: number; text: string } | null = null;
  const close = (): void => {
    if (open === null) return;
    const { line } = open;
    for (const part of open.text.split(/(?<=[.!?:;])\s+(?=[A-Z"'*_`(])/)) found.push({ line, text: part.trim() });
    open = null;
  };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim();
    if (trimmed === '' || /^(?:[-*+]|\d+[.)]|#{1,6}|\||>)\s?/.test(trimmed)) close();
    if (trimmed === '') continue;
    if (open === null) open = { line: index + 1, text: trimmed };
    else open = { line: open.line, text: `${open.text} ${trimmed}` };
  }
  close();
  return found;
}

/** Files and lines beyond these explain nothing. */
const MAX_LINES = 20;
const MAX_CHARACTERS = 300;

/** The sentences of a file that speak of AI or agents, those that forbid first. */
export function statedPolicy(path: string, text: string): readonly StatedLine[] {
  const about = sentencesOf(text).filter((one) => isAi(one.text) || AGENT.test(one.text));
  const lines = about.map((one) => ({
    path,
    line: one.line,
    text: one.text.slice(0, MAX_CHARACTERS),
    forbids: forbids(one.text),
  }));
  return lines.toSorted((a, b) => Number(b.forbids) - Number(a.forbids)).slice(0, MAX_LINES);
}
