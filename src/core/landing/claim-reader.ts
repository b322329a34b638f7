/**
 * What an agent says of its own work, sentence by sentence, held against what was measured. Nothing here has a part in a
 * verdict: it decides what a reader sees struck out. It errs towards `unproven`. A sentence it does not understand claims
 * nothing it could look for, and is shown as the agent's word.
 */
import type { ClaimEvidence } from './claim-evidence.ts';
import { CLAIM_RULES, OWN_WORD } from './claim-rules.ts';
import type { ClaimProof } from './claim-rules.ts';

export interface ReadSentence {
  /** As it was written. */
  readonly text: string;
  /** null where it claims nothing that can be looked for. */
  readonly proof: ClaimProof | null;
  /** What was seen of each claim in it; empty where there is none. */
  readonly seen: readonly string[];
}

const MAX_CHARACTERS = 8_000;
const MAX_SENTENCES = 200;
const MAX_SENTENCE = 1_000;

/** An agent that says what does not work is not doubted: nobody claims that without need. */
const ADMITS =
  /\b(?:could|can|did|do|does|was|were|is|are|has|have)(?:n['’]t| not)\b(?! only)(?!.*\b(?:break|affect|regress)\w*)|\b(?:cannot|unable to|still (?:fail|red|broken)\w*)\b|(?<!\b(?:no|zero|0|without|not|fixed|fixes|fix|resolved|the|previously)\s(?:\w+\s)?)\bfail(?:s|ed|ing)\b/i;

function sentencesOf(text: string): readonly string[] {
  const pieces = text.slice(0, MAX_CHARACTERS).split(/\r?\n|(?<=[.!?])\s+(?=[^\s\p{Ll}])|(?<=;)\s+/u);
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== '');
}

const WORST_FIRST: readonly ClaimProof[] = ['contradicted', 'unproven', 'proven'];

function read(text: string, evidence: ClaimEvidence): ReadSentence {
  if (text.length > MAX_SENTENCE) return { text, proof: 'unproven', seen: ['it is too long to be read'] };
  // Marks of Markdown stand between words.
  const plain = text.replace(/[*_`~#>]+/g, '').replace(/\s+/g, ' ');
  if (ADMITS.test(plain)) return { text, proof: null, seen: [] };
  const claimed = CLAIM_RULES.filter(({ says }) => says(plain));
  const rules = claimed.length === 0 && OWN_WORD.says(plain) ? [OWN_WORD] : claimed;
  const weighed = rules.map(({ weigh }) => weigh(plain, evidence));
  const proof = WORST_FIRST.find((one) => weighed.some((words) => words.proof === one)) ?? null;
  return { text, proof, seen: [...new Set(weighed.filter((words) => words.proof === proof).map(({ seen }) => seen))] };
}

/** At most 200 sentences of the first 8,000 characters. */
export function readClaims(text: string, evidence: ClaimEvidence): readonly ReadSentence[] {
  return sentencesOf(text)
    .slice(0, MAX_SENTENCES)
    .map((sentence) => read(sentence, evidence));
}
