/**
 * Diffs that take away what others call: exported names, addresses, entry points. Additions break nobody.
 *
 * What a package exports is only known at its doors, so names are looked at where packages have them (`index.ts`,
 * `*.d.ts`, `__init__.py`, `lib.rs`, every package of Go but internal ones): a name that an inner module no longer exports is
 * a refactoring like any other.
 */
import type { DiffLine } from '../../core/risk.ts';
import { lineRule, PROSE_OR_TEST, type DiffRule } from './rule.ts';

interface Language {
  readonly doors: RegExp;
  readonly not?: RegExp;
  /** Names that a line declares as public. */
  names(text: string): readonly string[];
}

const first =
  (pattern: RegExp): Language['names'] =>
  (text) =>
    pattern.exec(text)?.slice(1, 2) ?? [];

/** `a, b as c, type D` as `a, c, D`. */
function listed(text: string, alias: RegExp): readonly string[] {
  return text
    .split(',')
    .map(
      (part) =>
        part
          .trim()
          .split(alias)
          .at(-1)
          ?.replace(/^type\s+/, '')
          .trim() ?? '',
    )
    .filter((name) => /^[\w$*]+$/.test(name));
}

function scriptNames(text: string): readonly string[] {
  const braces = /\bexport\s+(?:type\s+)?\{([^}]*)/.exec(text)?.[1];
  if (braces !== undefined) return listed(braces, /\s+as\s+/);
  const all = /^\s*export\s+\*\s+(?:as\s+\w+\s+)?from\s+["']([^"']+)/.exec(text)?.[1];
  if (all !== undefined) return [`* of ${all}`];
  const declared =
    /^\s*export\s+(?:declare\s+)?(?:default\s+)?(?:async\s+)?(?:abstract\s+)?(?:function\*?|class|const|let|var|interface|type|enum|namespace)\s+([\w$]+)/;
  return declared.exec(text)?.slice(1, 2) ?? /\bexports\.([\w$]+)\s*=/.exec(text)?.slice(1, 2) ?? [];
}

/** Members count too: an interface that loses one breaks whoever uses it. */
function declarationNames(text: string): readonly string[] {
  const exported = scriptNames(text);
  if (exported.length > 0) return exported;
  return /^\s+(?:readonly\s+|static\s+|get\s+|set\s+)?([\w$]+)\??\s*[(:<]/.exec(text)?.slice(1, 2) ?? [];
}

function pythonNames(text: string): readonly string[] {
  const imported = /^from\s+\S+\s+import\s+\(?([^#)]*)/.exec(text)?.[1];
  if (imported !== undefined) return listed(imported, /\s+as\s+/).filter((name) => !name.startsWith('_'));
  return (
    /^\s*["']([A-Za-z]\w*)["'],?\s*$/.exec(text)?.slice(1, 2) ??
    /^(?:async\s+def|def|class)\s+([A-Za-z]\w*)/.exec(text)?.slice(1, 2) ??
    []
  );
}

const LANGUAGES: readonly Language[] = [
  { doors: /\.d\.[cm]?ts$/i, names: declarationNames },
  {
    doors:
      /(?:^|\/)(?:index|main|mod|api|public-api|public_api|exports)\.[cm]?[jt]sx?$|(?:^|\/)(?:public|api)\/[^/]+\.[cm]?[jt]s$/i,
    names: scriptNames,
  },
  { doors: /(?:^|\/)(?:__init__|api)\.py$/, names: pythonNames },
  {
    doors: /\.go$/,
    not: /(?:^|\/)(?:internal|cmd|testdata)\/|_test\.go$|(?:^|\/)main\.go$/,
    names: first(/^(?:func\s+(?:\([^)]{0,80}\)\s+)?|type\s+|var\s+|const\s+)([A-Z]\w*)/),
  },
  {
    doors: /(?:^|\/)(?:lib|mod)\.rs$/,
    names: first(
      /^\s*pub\s+(?:async\s+|unsafe\s+|const\s+){0,2}(?:fn|struct|enum|trait|type|mod|static|union|use)\s+([\w:]+)/,
    ),
  },
  {
    doors: /(?:^|\/)api\/.*\.(?:java|kt|cs)$/i,
    names: first(/^\s*(?:public|fun|interface)\s[^=(;{]{0,160}?\b([A-Za-z]\w*)\s*[({<]/),
  },
];

function namesIn(lines: readonly DiffLine[], language: Language): ReadonlyMap<string, DiffLine> {
  return new Map(lines.flatMap((line) => language.names(line.text).map((name) => [name, line] as const)));
}

export const PUBLIC_API_RULES: readonly DiffRule[] = [
  {
    zone: 'public-api',
    id: 'export-removed',
    what: 'takes a public name away, or gives it another one',
    find: ({ path, added, removed }) => {
      const language = LANGUAGES.find(({ doors, not }) => doors.test(path) && not?.test(path) !== true);
      if (language === undefined || PROSE_OR_TEST.test(path)) return [];
      const kept = namesIn(added, language);
      return [...namesIn(removed, language)]
        .filter(([name]) => !kept.has(name))
        .map(([name, { line }]) => ({ side: 'removed', line, text: name }));
    },
  },
  lineRule({
    zone: 'public-api',
    id: 'address-removed',
    what: 'takes away or moves an address that others call',
    side: 'removed',
    not: PROSE_OR_TEST,
    pattern:
      /\b(?:app|router|server|api|fastify|routes?|mux|r|e)\.(?:get|post|put|patch|delete|all|GET|POST|PUT|PATCH|DELETE|HandleFunc|Handle)\(\s*["'`]\/|@(?:Get|Post|Put|Patch|Delete|Request)(?:Mapping)?\(|@\w{1,40}\.(?:route|get|post|put|patch|delete)\(\s*["']|\bRoute::(?:get|post|put|patch|delete|resource|apiResource)\(|\[(?:Http(?:Get|Post|Put|Patch|Delete)|Route)\b/,
  }),
  lineRule({
    zone: 'public-api',
    id: 'entry-point',
    what: 'changes what a package offers by name',
    side: 'removed',
    only: /(?:^|\/)package\.json$/,
    pattern: /^\s*"(?:main|module|browser|types|typings|exports|bin)"\s*:/,
  }),
];
