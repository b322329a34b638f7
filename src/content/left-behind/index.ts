/** What was for trying out and stayed: breakpoints, debug prints, code in comments, and notes that nobody asked for. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { ChangedContent, ContentReader } from '../../ports/content.ts';
import { isTestOrExample, languageOf, textOf } from '../file-kind.ts';
import type { Language } from '../file-kind.ts';
import { codeInComments } from './code-in-comments.ts';

type Shapes = Readonly<Partial<Record<Language['name'], RegExp>>>;

/** Nobody lands one of these on purpose. */
const BREAKPOINTS: Shapes = {
  javascript: /^\s*debugger\s*;?\s*$/,
  python: /^\s*(?:breakpoint\(\)|import (?:i?pdb|pudb)\b|(?:i?pdb|pudb)\.set_trace\(\)|from (?:i?pdb|pudb) import)/,
  ruby: /^\s*(?:binding\.(?:pry|irb|break)\b|byebug\b|debugger\b|require ["'](?:pry|byebug)["'])/,
  rust: /\bdbg!\(/,
  php: /^\s*(?:var_dump|dd|dump|xdebug_break)\(/,
};

/** Printing is the work of some programs; where a file never did it, one print more is for a look. */
const PRINTS: Shapes = {
  javascript: /^\s*console\.(?:log|debug|trace|dir|table)\(/,
  python: /^\s*print\(/,
  go: /^\s*(?:fmt\.Print(?:ln|f)?|println)\(/,
  java: /^\s*(?:System\.(?:out|err)\.print(?:ln|f)?|Console\.WriteLine|println)\(/,
  rust: /^\s*e?println!\(/,
  ruby: /^\s*(?:puts|pp?)\s/,
  php: /^\s*(?:print_r|var_export|error_log)\(/,
};

const PRINTS_ANYWHERE: Shapes = {
  javascript: /\bconsole\.\w+\(/,
  python: /\bprint\(/,
  go: /\b(?:fmt\.(?:Fp|P)rint\w*|println)\(/,
  java: /\b(?:System\.(?:out|err)\.|Console\.Write|println\()/,
  rust: /\be?print(?:ln)?!\(/,
  ruby: /^\s*(?:puts|pp?|print)\s/m,
  php: /\b(?:echo|print_r|printf|var_export|error_log)\b/,
};

/** Marked as for a look, whatever the file does otherwise. */
const MARKED =
  /(?:print\w*!?|console\.\w+|puts|echo|Println|log)\s*\(?\s*f?["'`](?:\W{0,4}(?:DEBUG|X{3,}|here\b|HERE\b|>>>|===|!!!|\*\*\*)|got here|asdf)/;

const PROGRAMS =
  /(?:^|\/)(?:bin|cli|cmd|scripts?|tools?|tasks?|hack|ci|\.github|docs?)\/|(?:^|\/)(?:main|cli|build|setup|[\w.-]*\.config)\.\w+$/i;

const MAX_IN_FILE = 5;

function sighting(path: string, line: number | null, message: string): ContentSighting {
  return { detector: 'left-behind', path, side: 'added', line, message };
}

/** A file that is new prints as it likes; one that printed before goes on with it. */
function printsAsARule({ path, before }: ChangedContent, { name }: Language): boolean {
  if (before === null || PROGRAMS.test(path)) return true;
  return PRINTS_ANYWHERE[name]?.test(textOf(before.content)) ?? true;
}

function debugIn(file: ChangedContent, language: Language): readonly ContentSighting[] {
  const gone = new Set(file.removed.map(({ text }) => text.trim()));
  const asARule = printsAsARule(file, language);
  return file.added.flatMap(({ line, text }): readonly ContentSighting[] => {
    const short = text.slice(0, 500);
    if (gone.has(short.trim())) return [];
    if (BREAKPOINTS[language.name]?.test(short) === true)
      return [sighting(file.path, line, 'is a breakpoint that was left behind')];
    const isPrint = MARKED.test(short) || (!asARule && PRINTS[language.name]?.test(short) === true);
    return isPrint ? [sighting(file.path, line, 'prints for debugging, by its look')] : [];
  });
}

function inSource(file: ChangedContent): readonly ContentSighting[] {
  const language = languageOf(file.path);
  if (language === null || isTestOrExample(file.path)) return [];
  const gone = new Set(file.removed.map(({ text }) => text.replaceAll(/[\s/#]/g, '')));
  // Code that was switched off just now, and code in a comment that only moved, are told apart by what is gone.
  const comments = codeInComments(file.added, language).filter((line) => {
    const text = file.added.find((one) => one.line === line)?.text ?? '';
    return !file.removed.some((old) => old.text.trim() === text.trim());
  });
  const off = comments.map((line) => {
    const text = file.added.find((one) => one.line === line)?.text ?? '';
    const was = gone.has(text.replaceAll(/[\s/#]/g, ''));
    return sighting(file.path, line, was ? 'switches code off by making it a comment' : 'begins code in a comment');
  });
  return [...debugIn(file, language), ...off].slice(0, MAX_IN_FILE);
}

/** Headings under which agents tell what they did, in a file of their own. */
const REPORT_HEADINGS =
  /^#{1,4}\s+(?:[^\w\s]+\s*)?(?:(?:implementation|fix|change|refactoring|migration|testing|debugging)\s+(?:plan|summary|notes|report|details|complete)|summary of (?:the )?changes|changes (?:made|implemented)|what (?:was|i) (?:done|did|changed|fixed)|root cause(?: analysis)?|problem (?:statement|analysis)|solution(?: overview| implemented)?|files (?:changed|modified|created)|next steps|verification(?: steps| results)?|test results|key (?:changes|findings|features)|status:?\s.*)\s*$/i;

const NOTES = /\.(?:md|markdown|txt)$/i;
/** Where a repository keeps such texts. */
const WRITTEN =
  /(?:^|\/)(?:docs?|documentation|rfcs?|adr|decisions|proposals|changelogs?|\.changeset|blog|content|posts|wiki)\/|(?:^|\/)(?:readme|changelog|history|contributing|security|upgrading|migration)\b[^/]*$/i;

function notesIn({ path, kind, added }: ChangedContent): readonly ContentSighting[] {
  if (kind !== 'added' || !NOTES.test(path) || WRITTEN.test(path)) return [];
  const headings = new Set(
    added.filter(({ text }) => REPORT_HEADINGS.test(text.slice(0, 200))).map(({ text }) => text),
  );
  if (headings.size < 2) return [];
  const message = 'reads like notes on the work itself, which nobody asked for; remove it';
  return [{ detector: 'scratch-files', path, side: 'added', line: null, message }];
}

export const readLeftBehind: ContentReader = ({ files }) =>
  Promise.resolve(files.flatMap((file) => [...inSource(file), ...notesIn(file)]));
