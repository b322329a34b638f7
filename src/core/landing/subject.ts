/** The first line of a landed commit: the task in the way the repository writes its own. Pure. */
import type { ChangedFile } from '../change.ts';
import { directoryOf } from '../detectors/paths.ts';
import { unreachable } from '../errors.ts';
import type { ResolvedClass } from '../policy.ts';
import { CONVENTIONAL_TYPES } from './convention.ts';
import type { Convention, Prefix } from './convention.ts';
import { fileKind } from './file-kind.ts';
import { cut, flat, plain, unclosing } from './plain-words.ts';

export interface SubjectFacts {
  readonly goal: string;
  readonly class: Pick<ResolvedClass, 'name' | 'baseline'>;
  readonly files: readonly Pick<ChangedFile, 'path'>[];
  readonly convention: Convention;
}

/** By class, the first that is used wins. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  fix: ['fix', 'bugfix'],
  refactor: ['refactor', 'chore'],
  format: ['style', 'format', 'lint', 'chore'],
  codemod: ['refactor', 'chore'],
  dependencies: ['build', 'deps', 'chore'],
  tests: ['test', 'tests'],
  docs: ['docs', 'doc'],
  wiring: ['feat', 'feature'],
  migration: ['feat', 'feature', 'chore'],
};

/** Of gitmoji.dev: the name, then the character. */
const EMOJIS: Readonly<Record<string, readonly [string, string]>> = {
  fix: [':bug:', '🐛'],
  refactor: [':recycle:', '♻️'],
  style: [':art:', '🎨'],
  build: [':arrow_up:', '⬆️'],
  test: [':white_check_mark:', '✅'],
  docs: [':memo:', '📝'],
  feat: [':sparkles:', '✨'],
  chore: [':wrench:', '🔧'],
};

/** Words before the text of a goal that are a prefix themselves. */
const OWN_PREFIX = /^([a-z]+)(?:\([^()]*\))?!?: +/;

function typesOf({ class: { name, baseline }, files }: SubjectFacts): readonly string[] {
  const known = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (known !== undefined) return known;
  const kinds = new Set(files.map(({ path }) => fileKind(path)));
  if (kinds.size === 1 && kinds.has('test')) return ['test', 'tests'];
  if (kinds.size === 1 && kinds.has('documentation')) return ['docs', 'doc'];
  return baseline === 'must-fail' ? ['fix', 'bugfix'] : ['chore'];
}

/** The folders all files share. */
function sharedFolders(files: SubjectFacts['files']): readonly string[] {
  const [first = [], ...others] = files.map(({ path }) => directoryOf(path).split('/'));
  const parting = first.findIndex((folder, index) => others.some((other) => other[index] !== folder));
  return (parting === -1 ? first : first.slice(0, parting)).filter((folder) => folder !== '');
}

/** Of the names in use the one that all files lie in, the deepest; null where none fits. */
function placeOf(names: readonly string[], files: SubjectFacts['files']): string | null {
  const shared = sharedFolders(files);
  const fitting = names.flatMap((name) => {
    const parts = name.split('/');
    const at = shared.findLastIndex((_, index) => parts.every((part, offset) => shared[index + offset] === part));
    return at === -1 ? [] : [{ name, depth: at + parts.length }];
  });
  return fitting.toSorted((a, b) => b.depth - a.depth)[0]?.name ?? null;
}

function conventional(prefix: Extract<Prefix, { kind: 'conventional' }>, facts: SubjectFacts): string {
  const said = OWN_PREFIX.exec(flat(facts.goal))?.[1];
  const wanted = typesOf(facts);
  const own = said !== undefined && CONVENTIONAL_TYPES.includes(said) ? said : undefined;
  const type = own ?? wanted.find((one) => prefix.types.includes(one)) ?? wanted[0] ?? 'chore';
  const scope = placeOf(prefix.scopes, facts.files);
  return scope === null ? `${type}: ` : `${type}(${scope}): `;
}

function prefixOf(facts: SubjectFacts): string {
  const { prefix } = facts.convention;
  switch (prefix.kind) {
    case 'conventional':
      return conventional(prefix, facts);
    case 'area': {
      const area = placeOf(prefix.areas, facts.files);
      return area === null ? '' : `${area}: `;
    }
    case 'issue': {
      const keys = [...flat(facts.goal).matchAll(/\b([A-Z][A-Z0-9_]+)-\d+\b/g)];
      const key = keys.find(([, project = '']) => prefix.projects.includes(project))?.[0];
      return key === undefined ? '' : `${prefix.open}${key}${prefix.between}`;
    }
    case 'emoji': {
      const [type = 'chore'] = typesOf(facts);
      const [name, character] = EMOJIS[type] ?? EMOJIS['chore'] ?? ['', ''];
      return `${prefix.written === 'name' ? name : character} `;
    }
    case 'plain':
      return '';
    default:
      return unreachable(prefix, 'prefix');
  }
}

/** The first line of the goal that has words, without marks of lists and headings; its first sentence where it is long. */
function textOf(goal: string, room: number): string {
  const lines = goal.split(/[\r\n\u0085\u2028\u2029]/).map((line) => plain(line.replace(/^[\s#>*+-]+/, '')));
  const line = lines.find((one) => /[\p{L}\p{N}]/u.test(one)) ?? '';
  const text = line
    .replace(/^(?:(?:fixup|squash|amend)! *)+/i, '')
    .replace(OWN_PREFIX, (found, type: string) => (CONVENTIONAL_TYPES.includes(type) ? '' : found));
  const [sentence = text] = text.split(/(?<=[^.\s]{2}[.!?]) /);
  return text.length > room ? sentence : text;
}

/** A word in capitals, or a name in code, stays as it is. */
function withCase(text: string, capital: boolean): string {
  const [word = ''] = text.split(' ');
  if (/[._/`'"()\d]|.\p{Lu}/u.test(word.replace(/[.,;:]$/, ''))) return text;
  const first = Array.from(text)[0] ?? '';
  return (capital ? first.toUpperCase() : first.toLowerCase()) + text.slice(first.length);
}

/** One line, never empty, at most as long as the convention wants it. */
export function subjectOf(facts: SubjectFacts, otherwise: string): string {
  const { subjectLength, capital, fullStop } = facts.convention;
  const wanted = prefixOf(facts);
  // A prefix that leaves no room for words says nothing.
  const prefix = wanted.length > subjectLength / 2 ? '' : wanted;
  const room = subjectLength - prefix.length - (fullStop ? 1 : 0);
  const key = prefix.replace(/[^A-Z0-9_-]+/g, '');
  const own = facts.convention.prefix.kind === 'issue' && key !== '' ? facts.goal.replace(key, '') : facts.goal;
  const text = textOf(own, room).replace(/^[\s:.)/#-]+|[\s.:;,]+$/g, '');
  const bounded = cut(text === '' ? otherwise : text, room);
  const cased = withCase(bounded, capital);
  // Once more as a whole: `fix: ` before the key of an issue would close it.
  return unclosing(`${prefix}${cased}${fullStop && !cased.endsWith('...') ? '.' : ''}`);
}
