import { describe, expect, it } from 'vitest';
import { HAPPY, change, file, openLog, play, policy, result, started } from '../../../test/fixtures/world.ts';
import type { World } from '../../../test/fixtures/world.ts';
import type { ChangedFile } from '../change.ts';
import { CONTENT_DETECTOR_IDS } from '../content-detectors.ts';
import type { Finding } from '../finding.ts';
import { ACTION_DETECTORS, MIGRATION_ACTION_DETECTORS } from '../policy.ts';
import type { ActionDetector, DetectorAction } from '../policy.ts';
import { composePrompt } from '../prompt.ts';
import type { RunState } from '../state.ts';
import { DETECTORS } from './index.ts';
import { isFatal, stopReasonOf } from './stops.ts';

const OFF = Object.fromEntries(ACTION_DETECTORS.map((id) => [id, 'off'])) as Record<ActionDetector, DetectorAction>;

/** A run in which one detector is on. Red unless the world says otherwise. */
function run(
  id: ActionDetector,
  action: DetectorAction,
  world: Partial<World>,
  allow: readonly string[] = ['**'],
): RunState {
  const rules = policy({
    detectors: {
      repeatedFailureIterations: 'off',
      noProgressIterations: 'off',
      protectedEdit: 'off',
      actions: { ...OFF, [id]: action },
    },
    paths: { allow, deny: [], dependencies: [] },
  });
  return play(openLog(started({ policy: rules })), { ...HAPPY, check: () => result('failure'), ...world });
}

function severities(state: RunState): readonly (readonly string[])[] {
  return state.iterations.map(({ findings }) => findings.map(({ severity }) => severity));
}

/** Lines and failing tests by iteration. */
function sizes(rows: readonly (readonly [lines: number, failed: number])[]): Partial<World> {
  const of = (n: number): readonly [number, number] => rows[Math.min(n, rows.length) - 1] ?? [0, 0];
  return {
    change: (_, n) => change(n, { addedLines: of(n)[0], removedLines: 0 }),
    check: (_, { iteration }) => result('failure', { failed: of(iteration)[1], failing: [`t${iteration}`] }),
  };
}

function trees(names: readonly string[]): Partial<World> {
  return { change: (_, n) => change(n, { tree: names[n - 1] ?? `tree-${n}` }) };
}

describe('a cycle of trees', () => {
  it.each([
    ['back and forth', ['a', 'b', 'a', 'b'], [[], [], ['note'], ['stop']]],
    ['back to the base', ['a', 'tree-base', 'c', 'd'], [[], ['note'], [], [], []]],
    ['every tree new', ['a', 'b', 'c', 'd', 'e'], [[], [], [], [], []]],
    ['a tree that stays is no cycle', ['a', 'a', 'a', 'a', 'a'], [[], [], [], [], []]],
  ])('%s', (_, names, expected) => {
    expect(severities(run('cycle', 'stop', trees(names)))).toEqual(expected);
  });

  it('stops as a spiral, but not where the tree it came back to is right', () => {
    expect(run('cycle', 'stop', trees(['a', 'b', 'a', 'b'])).stop?.reason).toBe('spiral');
    const right = run('cycle', 'stop', {
      ...trees(['a', 'b', 'a', 'b']),
      check: (_, { stage, iteration }) => result(stage === 'acceptance' && iteration === 4 ? 'success' : 'failure'),
    });
    expect(right.stop?.reason).toBe('accepted');
  });

  it('says what it was before', () => {
    const state = run('cycle', 'note', trees(['a', 'b', 'a']));
    expect(state.iterations[2]?.findings[0]?.message).toContain('again what it was after iteration 1');
  });
});

describe('edits that grow', () => {
  it.each([
    [
      'growing, as many red',
      [
        [10, 2],
        [20, 2],
        [30, 2],
        [40, 2],
      ],
      [[], [], ['note'], ['stop']],
    ],
    [
      'growing, fewer red',
      [
        [10, 4],
        [20, 3],
        [30, 2],
        [40, 1],
        [50, 1],
      ],
      [[], [], [], [], []],
    ],
    [
      'no larger',
      [
        [30, 2],
        [30, 2],
        [20, 2],
        [20, 2],
        [20, 2],
      ],
      [[], [], [], [], []],
    ],
    [
      'taken back in between',
      [
        [10, 2],
        [20, 2],
        [5, 2],
        [10, 2],
        [5, 2],
      ],
      [[], [], [], [], []],
    ],
  ] as const)('%s', (_, rows, expected) => {
    expect(severities(run('growing-edits', 'stop', sizes(rows)))).toEqual(expected);
  });
});

function added(path: string): ChangedFile {
  return file(path, { kind: 'added', oldMode: '000000' });
}

function many(count: number, path: (n: number) => string): readonly ChangedFile[] {
  return Array.from({ length: count }, (_, n) => file(path(n)));
}

interface Row {
  readonly id: ActionDetector;
  readonly fires: readonly (readonly ChangedFile[])[];
  readonly silent: readonly (readonly ChangedFile[])[];
}

const ROWS: readonly Row[] = [
  {
    id: 'file-scatter',
    fires: [many(25, (n) => `packages/p${n}/index.ts`)],
    silent: [many(25, (n) => `src/f${n}.ts`), many(24, (n) => `packages/p${n}/index.ts`)],
  },
  {
    id: 'dependency-churn',
    fires: [
      'package.json',
      'web/package-lock.json',
      'pnpm-lock.yaml',
      'yarn.lock',
      'requirements-dev.txt',
      'uv.lock',
      'go.mod',
      'go.sum',
      'crates/a/Cargo.toml',
      'Cargo.lock',
      'Gemfile.lock',
      'x.gemspec',
      'app/build.gradle.kts',
      'pom.xml',
    ].map((path) => [file(path)]),
    silent: ['src/package.ts', 'docs/requirements.md', 'src/lock.ts', 'my-package.json.md'].map((path) => [file(path)]),
  },
  {
    id: 'configuration-edit',
    fires: [
      'vitest.config.ts',
      '.eslintrc.json',
      'packages/a/tsconfig.build.json',
      '.github/workflows/ci.yml',
      'Makefile',
      'pytest.ini',
      'ruff.toml',
      'Dockerfile',
    ].map((path) => [file(path)]),
    silent: ['src/config.ts', 'src/eslint/rule.ts', 'docs/Makefile.md', 'src/workflows/ci.ts'].map((path) => [
      file(path),
    ]),
  },
  {
    id: 'scratch-files',
    fires: [
      'src/sum.js.orig',
      'a.rej',
      'src/sum.js~',
      'src/.sum.js.swp',
      'src/tmp_data.py',
      'debug.py',
      'repro-1.ts',
      'test_fix.py',
      'IMPLEMENTATION_PLAN.md',
      'SUMMARY.md',
    ].map((path) => [added(path)]),
    silent: [
      [added('src/debug.py')],
      [added('tests/test_sum.py')],
      [added('app.js')],
      [added('try-catch/index.ts')],
      [added('docs/SUMMARY.md')],
      [added('README.md')],
      // It was there before: the repository's own.
      [file('src/sum.js.orig')],
    ],
  },
  {
    id: 'generated-files',
    fires: [
      'dist/main.js',
      'packages/a/dist/x.js',
      'build/x.o',
      'a/__pycache__/x.py',
      'x.pyc',
      'a.min.js',
      'npm.log',
    ].map((path) => [added(path)]),
    silent: [
      [added('src/build/index.ts')],
      [added('src/target.ts')],
      [added('src/distance.ts')],
      // A repository that keeps its build results.
      [file('dist/main.js')],
    ],
  },
];

describe('detectors over what a change touches', () => {
  it('are all in the table', () => {
    // These rest on experiments and are tried where those are.
    const tried = ['tests-green-on-base', 'surviving-mutant', ...MIGRATION_ACTION_DETECTORS];
    const listed = new Set([...ROWS.map(({ id }) => id), 'cycle', 'growing-edits', ...tried, ...CONTENT_DETECTOR_IDS]);
    expect(listed).toEqual(new Set(ACTION_DETECTORS));
    const ids = DETECTORS.map(({ id }) => id);
    expect(ACTION_DETECTORS.filter((id) => !ids.includes(id) || stopReasonOf(id) === undefined)).toEqual([]);
  });

  const fires = ROWS.flatMap(({ id, fires: cases }) =>
    cases.map((files) => [id, files[0]?.path ?? '', files] as const),
  );
  it.each(fires)('%s sees %s', (id, _, files) => {
    const state = run(id, 'note', { change: (__, n) => change(n, { files }) });
    expect(state.iterations[0]?.findings[0]).toMatchObject({ detector: id, severity: 'note' });
  });

  const silent = ROWS.flatMap(({ id, silent: cases }) =>
    cases.map((files) => [id, files[0]?.path ?? '', files] as const),
  );
  it.each(silent)('%s leaves %s alone', (id, _, files) => {
    const state = run(id, 'note', { change: (__, n) => change(n, { files }) });
    expect(state.iterations[0]?.findings).toEqual([]);
  });

  const green: Partial<World> = {
    check: (_, { stage }) => result(stage === 'baseline' ? 'failure' : 'success'),
  };

  it.each(ROWS)(
    '$id: off says nothing, note accepts, hold waits, stop refuses once and then stops',
    ({ id, fires: [files = []] }) => {
      const world: Partial<World> = { ...green, change: (_, n) => change(n, { files }) };
      expect(run(id, 'off', world)).toMatchObject({ stop: { reason: 'accepted' } });
      expect(run(id, 'note', world)).toMatchObject({ stop: { reason: 'accepted' } });
      expect(run(id, 'hold', world)).toMatchObject({ stop: null, phase: 'waiting' });
      const stopped = run(id, 'stop', world);
      expect(new Set(severities(stopped)[0])).toEqual(new Set(['refuse']));
      expect(stopped.stop?.reason).toBe('unwanted-change');
      expect(stopped.iterations).toHaveLength(2);
      expect(isFatal(id)).toBe(true);
    },
  );

  it('an agent that cleans up after the warning is accepted', () => {
    const state = run('scratch-files', 'stop', {
      ...green,
      change: (_, n) => change(n, { files: n === 1 ? [added('debug.py'), file('a.py')] : [file('a.py')] }),
    });
    expect(state.stop?.reason).toBe('accepted');
  });

  it('configuration that the task or its paths name was meant', () => {
    const world: Partial<World> = { change: (_, n) => change(n, { files: [file('ruff.toml')] }) };
    expect(run('configuration-edit', 'note', world, ['src/**', 'ruff.toml']).iterations[0]?.findings).toEqual([]);
    expect(run('configuration-edit', 'note', world, ['**']).iterations[0]?.findings).toHaveLength(1);
  });

  it('a lockfile that moves without its manifest is said apart', () => {
    const messages = (files: readonly ChangedFile[]): readonly string[] =>
      run('dependency-churn', 'note', { change: (_, n) => change(n, { files }) }).iterations[0]?.findings.map(
        ({ message }) => message,
      ) ?? [];
    expect(messages([file('yarn.lock')])).toEqual(['yarn.lock (npm) was modified, though no manifest was']);
    expect(messages([file('yarn.lock'), file('package.json')])).toEqual([
      'package.json (npm) was modified',
      'yarn.lock (npm) was modified',
    ]);
  });

  it('a run from before these detectors is judged as it was', () => {
    const rules = policy();
    expect(rules.detectors.actions).toBeUndefined();
    const state = play(openLog(started({ policy: rules })), {
      ...HAPPY,
      change: (_, n) => change(n, { files: [added('debug.py')] }),
    });
    expect(state.stop?.reason).toBe('accepted');
  });
});

describe('what was seen inside a turn', () => {
  const sighting = (severity: 'note' | 'stop'): Finding => ({
    detector: 'error-streak',
    severity,
    message: 'one action after another fails: take one step back',
    location: null,
  });
  const rules = policy();

  function spiral(world: Partial<World> = {}): RunState {
    const turn: World['turn'] = (_, n) =>
      n === 1
        ? { end: { kind: 'ended', exitCode: 0 }, sightings: [sighting('note')] }
        : { end: { kind: 'detector', detail: 'error-streak' }, sightings: [sighting('stop')] };
    return play(openLog(started({ policy: rules })), { ...HAPPY, turn, check: () => result('failure'), ...world });
  }

  it('is shown, told to the agent, and stops the run', () => {
    const state = spiral();
    expect(severities(state)[0]).toEqual(['note']);
    expect(severities(state)[1]).toContain('stop');
    expect(state.stop).toMatchObject({ reason: 'spiral', detail: expect.stringContaining('take one step back') });
    const told = composePrompt({ ...state, iterations: state.iterations.slice(0, 1) });
    expect(told).toContain('  - one action after another fails: take one step back');
  });

  it('does not keep a tree that holds a right fix from being accepted', () => {
    const state = spiral({
      check: (_, { stage, iteration }) => result(stage === 'acceptance' && iteration === 2 ? 'success' : 'failure'),
    });
    expect(state.stop?.reason).toBe('accepted');
  });
});

describe('a detector that crashes', () => {
  it('takes the run down with it', () => {
    const broken = null as unknown as readonly ChangedFile[];
    expect(() => run('scratch-files', 'note', { change: (_, n) => ({ ...change(n), files: broken }) })).toThrow(
      TypeError,
    );
  });
});
