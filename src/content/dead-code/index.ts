/**
 * Functions that the change adds and nothing names: not another line of the change, not the rest of the repository. By name, as
 * a reader would search: what a framework finds by a decorator, a file's place or an interface is left out.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { DiffLine } from '../../core/risk.ts';
import type { ChangedContent, ContentReader } from '../../ports/content.ts';
import { isTestOrExample, languageOf, saysGenerated, textOf } from '../file-kind.ts';
import type { Language } from '../file-kind.ts';

/** Of functions that stand alone; methods are called through types that no search sees. */
const DECLARED: Readonly<Partial<Record<Language['name'], RegExp>>> = {
  javascript:
    /^(?:export\s+)?(?:async\s+)?function\s*\*?\s*([\w$]+)|^(?:export\s+)?const\s+([\w$]+)(?:\s*:[^=]{0,200})?\s*=\s*(?:async\s*)?(?:\([^)]{0,300}\)(?:\s*:\s*[^=]{1,100})?\s*=>|function\b|[\w$]+\s*=>)/,
  python: /^(?:async\s+)?def\s+(\w+)\s*\(/,
  go: /^func\s+(\w+)\s*[([]/,
  rust: /^\s{0,4}(?:pub(?:\([^)]{0,40}\))?\s+)?(?:async\s+|const\s+|unsafe\s+)*fn\s+(\w+)/,
  php: /^function\s+(\w+)\s*\(/,
};

/** Called by a name that stands nowhere: entry points, hooks of runners, special methods. */
const CALLED_FROM_OUTSIDE =
  /^(?:main|init|setup|teardown|configure|register|activate|deactivate|handler|default|loader|action|middleware|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|new|from|into|fmt|drop|next|poll|eq|cmp|hash|clone|deref|_.*|(?:test|Test|Benchmark|Example|Fuzz|pytest)(?:_|[A-Z]).*|use[A-Z].*|get(?:Static|Server)\w+|generate(?:Metadata|StaticParams))$/;

/** The place of a file is what calls it there. */
const BY_PLACE =
  /(?:^|\/)(?:pages|app|routes|api|migrations|plugins|hooks|commands|middleware)\/|\.config\.\w+$|\.d\.[cm]?ts$/;

const MAX_NAMES = 200;

interface Declared {
  readonly file: ChangedContent;
  readonly line: DiffLine;
  readonly name: string;
}

function declaredIn(file: ChangedContent): readonly Declared[] {
  const language = languageOf(file.path);
  const pattern = language === null ? undefined : DECLARED[language.name];
  if (pattern === undefined || isTestOrExample(file.path) || BY_PLACE.test(file.path)) return [];
  const lines = textOf(file.after?.content).split('\n');
  if (saysGenerated(lines.slice(0, 20).join('\n'))) return [];
  return file.added.flatMap((line): readonly Declared[] => {
    const found = pattern.exec(line.text.slice(0, 600));
    const name = found?.[1] ?? found?.[2] ?? '';
    // A decorator, an attribute or a comment for a tool makes it known elsewhere.
    const isMarked = /^\s*(?:@|#\[|\/\/(?:go:|export)|\]|\))/.test(lines[line.line - 2] ?? '');
    return name.length < 3 || isMarked || CALLED_FROM_OUTSIDE.test(name) ? [] : [{ file, line, name }];
  });
}

function timesIn(text: string, name: string): number {
  return text.split(new RegExp(`(?<![\\w$])${name.replaceAll('$', String.raw`\$`)}(?![\\w$])`)).length - 1;
}

export const readDeadCode: ContentReader = async ({ files, head }) => {
  const declared = files.flatMap(declaredIn).slice(0, MAX_NAMES);
  if (declared.length === 0) return [];
  const paths = await head.mentions(declared.map(({ name }) => name));
  return declared.flatMap(({ file, line, name }): readonly ContentSighting[] => {
    const elsewhere = (paths.get(name) ?? []).some((path) => path !== file.path);
    // It was there before: only its line changed.
    const isNew = files.every(({ before }) => timesIn(textOf(before?.content), name) === 0);
    // Declared twice is overloaded, or named: either way somebody knows it.
    if (elsewhere || !isNew || timesIn(textOf(file.after?.content), name) !== 1) return [];
    const message = `adds ${name.slice(0, 80)}, which nothing in the repository names`;
    return [{ detector: 'dead-code', path: file.path, side: 'added', line: line.line, message }];
  });
};
