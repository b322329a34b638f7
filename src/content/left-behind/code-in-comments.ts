/** Code in comments: lines in a row that would be code without their mark. */
import type { DiffLine } from '../../core/risk.ts';
import type { Language } from '../file-kind.ts';

/** One line is an example or a formula; three are something that was switched off. */
const LINES_IN_A_ROW = 3;

/** How a line of code ends or what it is, over the languages known here. A sentence does neither. */
const CODE: readonly RegExp[] = [
  /[;{}]\s*$/,
  /^\s*[)\]}]+[;,]?\s*$/,
  /^\s*(?:const|let|var|return|import|export|if|for|while|def|class|func|fn|pub|use|public|private|elsif|else|try|except|raise|throw|await|yield)\b.*[({=:;,\])]\s*$/,
  /^\s*[\w.[\]]+\s*(?:\+|-|:)?=\s*\S+/,
  /^\s*[\w.]+\([^()]*\)\s*$/,
];

/** A sentence has words with nothing but blanks between. */
const PROSE = /\b[A-Za-z']{2,}\s+[a-z']{2,}\s+[a-z']{2,}\s+[a-z']{2,}\b|[.:?!]\s*$/;

function isCode(text: string): boolean {
  return CODE.some((shape) => shape.test(text)) && !PROSE.test(text.replace(/[;{]\s*$/, ''));
}

/** The text of a comment that fills its line; documentation comments are made to hold examples. */
function commented(line: string, { comment }: Language): string | null {
  const text = line.trim();
  if (!text.startsWith(comment) || /^(?:\/\/[/!]|#[!:|]|\/\/\s*@|#\s*(?:type|noqa|pragma|pylint)\b)/.test(text))
    return null;
  return text.slice(comment.length);
}

/** First lines of runs of commented code. An example is announced by the line above it. */
export function codeInComments(added: readonly DiffLine[], language: Language): readonly number[] {
  const found: number[] = [];
  let run: DiffLine[] = [];
  let before: string | null = null;
  const close = (): void => {
    const [first] = run;
    const isExample = before !== null && /[:`]\s*$|\b(?:example|e\.g\.|usage|like|format)\b/i.test(before);
    if (first !== undefined && run.length >= LINES_IN_A_ROW && !isExample) found.push(first.line);
    run = [];
  };
  for (const one of added) {
    const text = commented(one.text.slice(0, 500), language);
    const follows = run.length === 0 || one.line === (run.at(-1)?.line ?? 0) + 1;
    if (text === null || !isCode(text) || !follows) {
      close();
      before = text;
    }
    if (text !== null && isCode(text)) run.push(one);
  }
  close();
  return found;
}
