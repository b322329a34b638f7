/** Whether a lockfile was made for its manifest: both in one directory, after the change, and no worse than before it. */
import { isFields } from '../../core/fields.ts';
import { nameOf } from '../../core/detectors/paths.ts';
import type { LockfileName } from '../../core/lockfiles.ts';
import type { WholeTree } from '../../ports/content.ts';
import { textOf } from '../file-kind.ts';
import { fieldsAt, jsonFields, textAt, tomlFields } from './fields.ts';
import { formatOf, NPM_GROUPS } from './formats.ts';
import type { Readings } from './formats.ts';
import type { Asks } from './locked.ts';

interface Pair {
  readonly manifest: string;
  readonly locks: readonly LockfileName[];
  /** Name and requirement of what the manifest asks for. */
  asked(text: string): readonly (readonly [string, string])[];
}

function npmAsked(text: string): readonly (readonly [string, string])[] {
  const manifest = jsonFields(text);
  return NPM_GROUPS.flatMap((group) => Object.entries(fieldsAt(manifest, group))).flatMap(
    ([name, requirement]): readonly (readonly [string, string])[] =>
      typeof requirement === 'string' && !/^(?:workspace|link|portal|file|catalog):/.test(requirement)
        ? [[name, requirement]]
        : [],
  );
}

function goAsked(text: string): readonly (readonly [string, string])[] {
  const replaced = new Set([...text.matchAll(/^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>/gm)].map(([, name]) => name));
  return [...text.matchAll(/^\s*(?:require\s+)?([\w./~-]+\.[\w./~-]+)\s+(v\S+)/gm)].flatMap(
    ([, name = '', version = '']): readonly (readonly [string, string])[] =>
      replaced.has(name) ? [] : [[name, version]],
  );
}

function cargoAsked(text: string): readonly (readonly [string, string])[] {
  const manifest = tomlFields(text);
  const targets = Object.values(fieldsAt(manifest, 'target'));
  const groups = [manifest, ...targets].flatMap((one) =>
    ['dependencies', 'dev-dependencies', 'build-dependencies'].map((group) => fieldsAt(one, group)),
  );
  return groups.flatMap((group) =>
    Object.entries(group).map(
      ([name, entry]) => [(isFields(entry) ? textAt(entry, 'package') : '') || name, ''] as const,
    ),
  );
}

function gemsAsked(text: string): readonly (readonly [string, string])[] {
  return [...text.matchAll(/^\s*gem\s*\(?\s*["']([\w.-]+)["']/gm)].map(([, name = '']) => [name, ''] as const);
}

const PAIRS: readonly Pair[] = [
  {
    manifest: 'package.json',
    locks: ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'],
    asked: npmAsked,
  },
  { manifest: 'go.mod', locks: ['go.sum'], asked: goAsked },
  { manifest: 'Cargo.toml', locks: ['Cargo.lock'], asked: cargoAsked },
  { manifest: 'Gemfile', locks: ['Gemfile.lock'], asked: gemsAsked },
  { manifest: 'gems.rb', locks: ['gems.locked'], asked: gemsAsked },
];

/** Asked for once, since each asking is a program that is started. */
type Texts = (path: string) => Promise<string | null>;

function textsOf(tree: WholeTree): Texts {
  const known = new Map<string, Promise<string | null>>();
  return (path) => {
    const mostBytes = formatOf(nameOf(path))?.mostBytes;
    const text =
      known.get(path) ?? tree.read(path, mostBytes).then((content) => (content === null ? null : textOf(content)));
    known.set(path, text);
    return text;
  };
}

function asksOf(readings: Readings, lock: string, text: string | null): Asks {
  const reading = text === null ? undefined : readings(lock, text);
  return reading?.kind === 'read' ? reading.asks : null;
}

async function unanswered(texts: Texts, readings: Readings, place: Place): Promise<readonly string[]> {
  const { directory, pair, lock } = place;
  const manifest = await texts(`${directory}${pair.manifest}`);
  const asks = asksOf(readings, lock, await texts(`${directory}${lock}`));
  if (manifest === null || asks === null) return [];
  return pair.asked(manifest).flatMap(([name, requirement]) => (asks(name, requirement) ? [] : [name]));
}

interface Place {
  readonly directory: string;
  readonly pair: Pair;
  readonly lock: string;
}

/** Where a manifest or a lockfile of a pair was touched, and both are there. */
function placesOf(changed: readonly string[], present: ReadonlySet<string>): readonly Place[] {
  return PAIRS.flatMap((pair) => {
    const names = new Set([pair.manifest, ...pair.locks]);
    const touched = changed.filter((path) => names.has(nameOf(path)));
    const directories = [...new Set(touched.map((path) => path.slice(0, path.lastIndexOf('/') + 1)))];
    return directories
      .filter((directory) => present.has(`${directory}${pair.manifest}`))
      .flatMap((directory) => pair.locks.map((lock) => ({ directory, pair, lock })))
      .filter(({ directory, lock }) => present.has(`${directory}${lock}`));
  });
}

export interface OutOfStep {
  /** Of the lockfile. */
  readonly path: string;
  readonly names: readonly string[];
}

/** `changed`: paths of the change. */
export async function outOfStep(
  changed: readonly string[],
  trees: { readonly base: WholeTree; readonly head: WholeTree },
  readings: Readings,
): Promise<readonly OutOfStep[]> {
  const isPart = (path: string): boolean =>
    PAIRS.some(({ manifest, locks }) => [manifest, ...locks].includes(nameOf(path)));
  if (!changed.some(isPart)) return [];
  const places = placesOf(changed, new Set(await trees.head.paths()));
  const [base, head] = [textsOf(trees.base), textsOf(trees.head)];
  const found: OutOfStep[] = [];
  for (const place of places) {
    const now = await unanswered(head, readings, place);
    const before = now.length === 0 ? [] : await unanswered(base, readings, place);
    const fresh = now.filter((name) => !before.includes(name));
    if (fresh.length > 0) found.push({ path: `${place.directory}${place.lock}`, names: fresh });
  }
  return found;
}
