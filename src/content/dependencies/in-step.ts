/** Whether a lockfile was made for its manifest: both in one directory, after the change, and no worse than before it. */
import type { WholeTree } from '../../ports/content.ts';
import { fieldsAt, isFields, jsonFields, textAt, tomlFields } from './fields.ts';
import { formatOf, NPM_GROUPS } from './formats.ts';
import type { Asks } from './locked.ts';

interface Pair {
  readonly manifest: string;
  readonly locks: readonly string[];
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
];

async function textAtPath(tree: WholeTree, path: string): Promise<string | null> {
  const content = await tree.read(path);
  return content === null ? null : Buffer.from(content).toString('utf8');
}

function asksOf(lock: string, text: string | null): Asks {
  const reading = text === null ? undefined : formatOf(lock)?.reader(text);
  return reading?.kind === 'read' ? reading.asks : null;
}

async function unanswered(tree: WholeTree, directory: string, pair: Pair, lock: string): Promise<readonly string[]> {
  const manifest = await textAtPath(tree, `${directory}${pair.manifest}`);
  const asks = asksOf(lock, await textAtPath(tree, `${directory}${lock}`));
  if (manifest === null || asks === null) return [];
  return pair.asked(manifest).flatMap(([name, requirement]) => (asks(name, requirement) ? [] : [name]));
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
): Promise<readonly OutOfStep[]> {
  const found: OutOfStep[] = [];
  for (const pair of PAIRS) {
    const names = new Set([pair.manifest, ...pair.locks]);
    const touched = changed.filter((path) => names.has(path.slice(path.lastIndexOf('/') + 1)));
    const directories = new Set(touched.map((path) => path.slice(0, path.lastIndexOf('/') + 1)));
    for (const directory of directories) {
      for (const lock of pair.locks) {
        const now = await unanswered(trees.head, directory, pair, lock);
        const before = now.length === 0 ? [] : await unanswered(trees.base, directory, pair, lock);
        const fresh = now.filter((name) => !before.includes(name));
        if (fresh.length > 0) found.push({ path: `${directory}${lock}`, names: fresh });
      }
    }
  }
  return found;
}
