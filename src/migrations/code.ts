/** Migrations that are code: where up and down stand in a file. Nothing is run, and what is not understood counts as there. */
import type { FoundMigration } from './migration.ts';

export interface CodeParts {
  readonly up: string;
  /** null: nothing takes it back. */
  readonly down: string | null;
  /** Why not, where the file says it. */
  readonly oneWay?: string;
}

/** Where a function of a script begins, however it is written: `up(`, `exports['up'] =`, `export { a as up }`. */
function declaredAt(text: string, name: string): number {
  const declared = `(?:^|[\\s.{,['"])(?:async\\s+)?(?:function\\s*)?${name}(?:['"]\\]?)?\\s*(?:=(?!=)|:|\\()`;
  return text.search(new RegExp(`${declared}|\\bas\\s+${name}\\s*[,}]`, 'm'));
}

/** A beginning of this length says whether a function is empty. Characters. */
const HEAD = 2_000;

/** Comments of a script, taken out in one pass; one that never ends takes the rest. */
function withoutComments(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const rest = text.slice(at);
    const begin = rest.search(/\/\*|\/\//);
    if (begin < 0) return parts.join('') + rest;
    parts.push(rest.slice(0, begin));
    const close = text.startsWith('/*', at + begin) ? '*/' : '\n';
    const end = text.indexOf(close, at + begin + 2);
    if (end < 0) return parts.join('');
    at = close === '\n' ? end : end + 2;
  }
}

/** `{ }`, `=> null`, `= false`, or nothing but a thrown error. */
function isEmptyScript(body: string): boolean {
  const code = withoutComments(body.slice(0, HEAD)).replaceAll(/\s+/g, ' ');
  return (
    /^[^{]*\bdown\s*=\s*(?:false|null|undefined)\b/.test(code) ||
    /^[^{]*\bdown\b[^{]*\{ ?(?:return;? ?|await Promise\.resolve\(\);? ?)?\}/.test(code) ||
    /^[^{]*\bdown\b[^{]*\{ ?throw new \w*Error\b/.test(code)
  );
}

/** JavaScript and TypeScript. null: it has no `up`. */
function scriptParts(text: string): CodeParts | null {
  const [up, down] = [declaredAt(text, 'up'), declaredAt(text, 'down')];
  if (up < 0) return null;
  if (down < 0) return { up: text.slice(up), down: null };
  const parts = up < down ? [text.slice(up, down), text.slice(down)] : [text.slice(up), text.slice(down, up)];
  const [upText = '', downText = ''] = parts;
  if (isEmptyScript(downText)) return { up: upText, down: null, oneWay: 'its `down` does nothing' };
  return { up: upText, down: downText };
}

/** The lines of a block: from the first that matches to the next that ends it; null: there is none, or it never ends. */
function blockOf(text: string, begin: RegExp, isEnd: (line: string, first: string) => boolean): string | null {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => begin.test(line));
  if (start < 0) return null;
  const first = lines[start] ?? '';
  const length = lines.slice(start + 1).findIndex((line) => isEnd(line, first));
  return length < 0 ? lines.slice(start).join('\n') : lines.slice(start, start + 1 + length).join('\n');
}

export type MigrationPlace = Pick<FoundMigration, 'tool' | 'series' | 'id' | 'order' | 'path'>;

/** The migration of a script with both ways in it; none where there are no such functions. */
export function scriptMigration(place: MigrationPlace, text: string): readonly FoundMigration[] {
  const parts = scriptParts(text);
  if (parts === null) return [];
  const { path } = place;
  const { up, down, oneWay } = parts;
  return [
    {
      ...place,
      up: { kind: 'code', path, text: up },
      down: down === null ? null : { kind: 'code', path, text: down },
      ...(oneWay === undefined ? {} : { oneWay }),
    },
  ];
}

/** A function of a module, by its indentation; null: there is none. */
export function pythonFunction(text: string, name: string): string | null {
  return blockOf(text, new RegExp(`^(?:async )?def ${name}\\b`), (line) => /^[^\s#)]/.test(line));
}

/** Nothing but a docstring, comments and `pass`, or an error that is raised. */
export function isEmptyPython(body: string): boolean {
  const code = body
    .slice(0, HEAD)
    .replace(/^[^\n]*\n/, '')
    .replaceAll(/"""[^]*?"""|'''[^]*?'''|#[^\n]*/g, '')
    .trim();
  return /^(?:pass|return|return None|\.\.\.|raise\b[^\n]*)?$/.test(code);
}

/** A method of a Ruby class, by its indentation, without its `end`; null: there is none. */
export function rubyMethod(text: string, name: string): string | null {
  return blockOf(text, new RegExp(`^[ \\t]*def (?:self\\.)?${name}\\b`), (line, first) =>
    line.startsWith(`${/^[ \t]*/.exec(first)?.[0] ?? ''}end`),
  );
}
