/** The layers of ARCHITECTURE.md, measured from the imports themselves. Each rule has a canary that must turn it red. */
import { readFileSync, globSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  ports: ['core', 'ports'],
  policy: ['core', 'ports', 'policy'],
  drivers: ['core', 'ports', 'drivers'],
  checks: ['core', 'ports', 'checks'],
  content: ['core', 'ports', 'content'],
  migrations: ['core', 'ports', 'migrations'],
  sandboxes: ['core', 'ports', 'process', 'sandboxes'],
  workspace: ['core', 'ports', 'workspace'],
  store: ['core', 'ports', 'store'],
  signing: ['core', 'ports', 'signing'],
  forges: ['core', 'ports', 'forges'],
  gateway: ['core', 'ports', 'gateway'],
  egress: ['core', 'ports', 'egress'],
  report: ['core', 'report'],
  process: ['core', 'ports', 'process'],
  engine: ['core', 'ports', 'engine'],
};

/** May import everything; nothing imports them but their own kind. */
const TOP = new Set(['cli', 'public']);

interface Import {
  readonly from: string;
  readonly to: string;
}

function room(path: string): string {
  return path.split('/')[1] ?? '';
}

function importsOf(path: string, text: string): Import[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].map(([, target]) => ({ from: path, to: normalize(join(dirname(path), target ?? '')) }));
}

function violations(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, to }) => {
      if (!to.startsWith('src/')) return true;
      const allowed = LAYERS[room(from)];
      return allowed === undefined ? !TOP.has(room(from)) : !allowed.includes(room(to));
    })
    .map(({ from, to }) => `${from} imports ${to}`);
}

function pluginCrossings(imports: readonly Import[], kind: string): string[] {
  const plugin = (path: string): string | undefined => path.match(new RegExp(`^src/${kind}/([^/]+)/`))?.[1];
  return imports
    .filter(({ from, to }) => plugin(from) !== undefined && plugin(to) !== undefined && plugin(from) !== plugin(to))
    .map(({ from, to }) => `${from} imports ${to}`);
}

const files = globSync('src/**/*.ts').filter((path) => !path.endsWith('.test.ts'));
const imports = files.flatMap((path) => importsOf(path, readFileSync(path, 'utf8')));

describe('layers', () => {
  it('looked at the modules it judges', () => {
    expect(files.length).toBeGreaterThan(60);
    expect(imports.length).toBeGreaterThan(150);
    const rooms = new Set(files.map(room));
    expect([...rooms].filter((name) => LAYERS[name] === undefined && !TOP.has(name))).toEqual([]);
  });

  it('are kept by every import', () => {
    expect(violations(imports)).toEqual([]);
  });

  it('keep plugins from importing each other', () => {
    for (const kind of ['drivers', 'checks', 'sandboxes', 'store', 'forges', 'migrations', 'gateway/dialects'])
      expect(pluginCrossings(imports, kind)).toEqual([]);
  });

  it('have one composition root: only cli/compose.ts and public/ name an adapter', () => {
    const adapters = ['drivers', 'sandboxes', 'store', 'workspace', 'forges', 'migrations'];
    const outside = imports.filter(({ from, to }) => room(from) === 'cli' && adapters.includes(room(to)));
    expect(outside.filter(({ from }) => from !== 'src/cli/compose.ts')).toEqual([]);
  });

  it.each([
    ['src/core/a.ts', "import { x } from '../ports/store.ts';"],
    ['src/core/detectors/a.ts', "import { x } from '../../engine/leg.ts';"],
    ['src/engine/a.ts', "import { x } from '../drivers/command/index.ts';"],
    ['src/report/a.ts', "const x = await import('../store/memory/index.ts');"],
    ['src/forges/a.ts', "import { x } from '../workspace/git.ts';"],
    ['src/workspace/a.ts', "import type { X } from '../sandboxes/none/index.ts';"],
    ['src/ports/a.ts', "import { x } from '../../test/fixtures/world.ts';"],
  ])('canary: %s may not say %s', (path, text) => {
    expect(violations(importsOf(path, text))).toHaveLength(1);
  });

  it('canary: one driver may not import another', () => {
    const crossing = importsOf('src/drivers/a/index.ts', "import { x } from '../b/index.ts';");
    expect(pluginCrossings(crossing, 'drivers')).toHaveLength(1);
  });
});
