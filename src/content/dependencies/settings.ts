/**
 * Lines that say where packages come from, or what of them runs at install: in manifests and in the settings of their tools.
 * By line, because a setting is what it is wherever it stands; what only moved within its file is passed over.
 */
import { isFields } from '../../core/fields.ts';
import type { DiffLine } from '../../core/risk.ts';
import { nameOf } from '../../core/detectors/paths.ts';
import type { ChangedContent } from '../../ports/content.ts';
import { textOf } from '../file-kind.ts';
import { fieldsAt, jsonFields } from './fields.ts';
import { NPM_GROUPS } from './formats.ts';

export interface SettingSeen {
  readonly line: number | null;
  readonly message: string;
}

interface LineRule {
  readonly file: RegExp;
  readonly line: RegExp;
  readonly message: string;
}

const REGISTRY = 'names where packages come from';
const RUNS = 'lets code of packages run at install';
const FETCHED = 'takes a package from an address, past the registry';

const LINE_RULES: readonly LineRule[] = [
  { file: /^\.npmrc$/, line: /^\s*(?:@[^:=\s]+:)?registry\s*=/, message: REGISTRY },
  { file: /^\.npmrc$/, line: /^\s*(?:ignore-scripts\s*=\s*false|script-shell\s*=|node-options\s*=)/, message: RUNS },
  {
    file: /^\.yarnrc(?:\.yml)?$/,
    line: /^\s*"?(?:npmRegistryServer|npmScopes|unsafeHttpWhitelist|registry)\b/,
    message: REGISTRY,
  },
  { file: /^\.yarnrc(?:\.yml)?$/, line: /^\s*(?:enableScripts:\s*true|yarnPath|yarn-path|- path:)/, message: RUNS },
  {
    file: /^pnpm-workspace\.yaml$/,
    line: /^\s*(?:onlyBuiltDependencies|allowBuilds|dangerouslyAllowAllBuilds|registries|registry):/,
    message: RUNS,
  },
  { file: /^bunfig\.toml$/, line: /^\s*registry\s*=/, message: REGISTRY },
  {
    file: /^(?:(?:requirements|constraints)[\w.-]*\.(?:txt|in)|pip\.(?:conf|ini)|uv\.toml|pyproject\.toml|setup\.cfg|tox\.ini)$/,
    line: /^\s*(?:-i\s|-f\s|(?:--)?(?:extra-|default-)?index(?:-url)?[\s=]+["']?https?:|(?:--)?find-links[\s=]|--trusted-host)/,
    message: REGISTRY,
  },
  {
    file: /^(?:pyproject\.toml|uv\.toml|Pipfile)$/,
    line: /^\s*\[\[(?:tool\.(?:uv\.index|poetry\.source|pdm\.source)|index|source)\]\]/,
    message: REGISTRY,
  },
  {
    file: /^(?:pyproject\.toml|Pipfile|setup\.(?:py|cfg)|Cargo\.toml)$/,
    line: /[{,]\s*(?:git|url)\s*=\s*["']|@\s*(?:git\+|https?:)/,
    message: FETCHED,
  },
  { file: /^Cargo\.toml$/, line: /^\s*\[patch\.|[{,]\s*registry(?:-index)?\s*=\s*["']/, message: REGISTRY },
  { file: /^config(?:\.toml)?$/, line: /^\s*(?:\[(?:source|registries)\.|replace-with\s*=)/, message: REGISTRY },
  { file: /^setup\.py$/, line: /\b(?:cmdclass|dependency_links)\s*=/, message: RUNS },
  { file: /^Gemfile$/, line: /^\s*source\s*\(?\s*["'](?!https:\/\/rubygems\.org\/?["'])/, message: REGISTRY },
  { file: /^Gemfile$/, line: /\b(?:git|github|gist|bitbucket|gitlab):\s*["']|:(?:git|github)\s*=>/, message: FETCHED },
  {
    file: /^go\.(?:mod|work)$/,
    line: /^\s*(?:replace\s+)?\S+(?:\s+v\S+)?\s+=>\s+\S/,
    message: 'puts another module in the place of one',
  },
  { file: /^pom\.xml$/, line: /<(?:repository|pluginRepository|mirror)>/, message: REGISTRY },
  { file: /\.gradle(?:\.kts)?$/, line: /\b(?:maven|ivy)\s*[({]|\bflatDir\b/, message: REGISTRY },
];

const MAX_LINE = 1_000;

function byLine({ path, added, removed }: ChangedContent): readonly SettingSeen[] {
  const rules = LINE_RULES.filter(({ file }) => file.test(nameOf(path)));
  if (rules.length === 0) return [];
  const gone = new Set(removed.map(({ text }) => text.trim()));
  return added.flatMap(({ line, text }) => {
    const short = text.slice(0, MAX_LINE);
    const rule = gone.has(text.trim()) ? undefined : rules.find((one) => one.line.test(short));
    return rule === undefined ? [] : [{ line, message: rule.message }];
  });
}

/** Run by npm, pnpm and yarn when the project itself is installed (docs.npmjs.com/cli/using-npm/scripts). */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare', 'prepublish'];

/** Run by Composer (getcomposer.org/doc/articles/scripts.md). */
const COMPOSER_SCRIPTS = /^(?:pre|post)-(?:install|update|autoload|package|root-package|dependencies|file)\b/;

const ADDRESS = /^(?:git[+:@]|https?:|ssh:|file:|github:|gitlab:|bitbucket:|gist:|[\w.-]+\/[\w.-]+(?:#|$))/;

/** Where the key stands among the added lines; the value is not shown, it may hold anything. */
function lineOf(added: readonly DiffLine[], key: string): number | null {
  return added.find(({ text }) => text.includes(`"${key}"`))?.line ?? null;
}

/** Texts anywhere below, with the key they stand under; overrides nest a few levels. */
function textsBelow(value: unknown, depth = 0): readonly (readonly [string, string])[] {
  if (!isFields(value) || depth > 5) return [];
  return Object.entries(value).flatMap(([key, inner]): readonly (readonly [string, string])[] =>
    typeof inner === 'string' ? [[key, inner]] : textsBelow(inner, depth + 1),
  );
}

function itemsAt(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((item) => typeof item === 'string')
    : isFields(value)
      ? Object.keys(value)
      : [];
}

function addressesIn(manifest: unknown): ReadonlyMap<string, string> {
  const groups = [...NPM_GROUPS, 'overrides', 'resolutions'].map((group) => fieldsAt(manifest, group));
  const all = [...groups, fieldsAt(fieldsAt(manifest, 'pnpm'), 'overrides')].flatMap((group) => textsBelow(group));
  return new Map(all.filter(([, requirement]) => ADDRESS.test(requirement)));
}

function inPackageJson({ added }: ChangedContent, before: unknown, after: unknown): readonly SettingSeen[] {
  const [was, is] = [fieldsAt(before, 'scripts'), fieldsAt(after, 'scripts')];
  const scripts = INSTALL_SCRIPTS.filter((name) => name in is && is[name] !== was[name]);
  const [old, now] = [addressesIn(before), addressesIn(after)];
  const fetched = [...now].filter(([name, address]) => old.get(name) !== address).map(([name]) => name);
  const trusted = (manifest: unknown): readonly string[] =>
    [
      isFields(manifest) ? manifest['trustedDependencies'] : undefined,
      fieldsAt(manifest, 'pnpm')['onlyBuiltDependencies'],
    ].flatMap(itemsAt);
  const known = new Set(trusted(before));
  return [
    ...scripts.map((name) => ({ line: lineOf(added, name), message: `has a script ${name} that runs at install` })),
    ...fetched.map((name) => ({ line: lineOf(added, name), message: `${FETCHED}: ${name}` })),
    ...trusted(after)
      .filter((name) => !known.has(name))
      .map((name) => ({ line: lineOf(added, name), message: `${RUNS}: ${name}` })),
  ];
}

function inComposerJson({ added }: ChangedContent, before: unknown, after: unknown): readonly SettingSeen[] {
  const [was, is] = [fieldsAt(before, 'scripts'), fieldsAt(after, 'scripts')];
  const scripts = Object.keys(is).filter(
    (name) => COMPOSER_SCRIPTS.test(name) && JSON.stringify(is[name]) !== JSON.stringify(was[name]),
  );
  const at = (manifest: unknown): string =>
    JSON.stringify((isFields(manifest) ? manifest['repositories'] : undefined) ?? null);
  return [
    ...scripts.map((name) => ({ line: lineOf(added, name), message: `has a script ${name} that runs at install` })),
    ...(at(after) !== 'null' && at(before) !== at(after)
      ? [{ line: lineOf(added, 'repositories'), message: REGISTRY }]
      : []),
  ];
}

export function settingsSeen(file: ChangedContent): readonly SettingSeen[] {
  const name = nameOf(file.path);
  const inJson = name === 'package.json' ? inPackageJson : name === 'composer.json' ? inComposerJson : null;
  if (inJson === null || file.after === null) return byLine(file);
  return inJson(file, jsonFields(textOf(file.before?.content)), jsonFields(textOf(file.after.content)));
}
