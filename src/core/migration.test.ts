import { describe, expect, it } from 'vitest';
import { HAPPY, change, file, openLog, play, policy, started } from '../../test/fixtures/world.ts';
import type { World } from '../../test/fixtures/world.ts';
import type { ContentSighting } from './content-detectors.ts';
import { rehearsedMigrations } from './migration-undo.ts';
import { migrationsReturned, trialName, worstTrials } from './migration.ts';
import type { MigrationOutcome, MigrationTrial } from './migration.ts';
import type { DetectorAction } from './policy.ts';
import type { RunState } from './state.ts';

const PATH = 'migrations/2_b.up.sql';

function trial(outcome: MigrationOutcome, more: Partial<MigrationTrial> = {}): MigrationTrial {
  return {
    tool: 'golang-migrate',
    ids: ['2'],
    path: PATH,
    database: 'sqlite',
    outcome,
    detail: 'what was seen',
    undo: { command: 'migrate down 1', lost: [] },
    ...more,
  };
}

const MARK: ContentSighting = {
  detector: 'migration-untried',
  path: PATH,
  side: 'added',
  line: null,
  message: 'is one',
};

interface Given {
  readonly trials: readonly MigrationTrial[];
  readonly sightings?: readonly ContentSighting[];
  readonly actions?: Readonly<Record<string, DetectorAction>>;
  readonly world?: Partial<World>;
}

const ACTIONS = { 'migration-fails': 'stop', 'migration-irreversible': 'hold', 'migration-untried': 'hold' } as const;

function run({ trials, sightings = [MARK], actions = ACTIONS, world = {} }: Given): RunState {
  const rules = policy({ detectors: { ...policy().detectors, actions } });
  return play(openLog(started({ policy: rules })), {
    ...HAPPY,
    change: (_, number) => change(number, { files: [file(PATH, { kind: 'added' })], sightings }),
    experiment: (_, { kind, iteration }) =>
      kind === 'migrations'
        ? { kind, iteration, trials }
        : HAPPY.experiment(_, { type: 'runExperiment', kind, iteration, head: '' }),
    ...world,
  });
}

const foundBy = (state: RunState): readonly string[] =>
  state.iterations.flatMap(({ findings }) => findings.map(({ detector, severity }) => `${detector}: ${severity}`));

describe('more trials than a record holds', () => {
  it('keep those that speak against the change', () => {
    const many = [...Array.from({ length: 5 }, () => trial('returned')), trial('untried'), trial('failed')];
    expect(worstTrials(many, 2).map(({ outcome }) => outcome)).toEqual(['failed', 'untried']);
    expect(worstTrials(many, 7)).toBe(many);
  });
});

describe('a migration in a change', () => {
  it('is tried before the change is accepted, and nothing is said of one that works', () => {
    const state = run({ trials: [trial('returned')] });
    expect(state.experiments.map(({ kind }) => kind)).toEqual(['migrations']);
    expect([foundBy(state), state.stop?.reason]).toEqual([[], 'accepted']);
  });

  it('is not looked for where the reader marked none', () => {
    expect(run({ trials: [trial('changed')], sightings: [] }).experiments).toEqual([]);
  });

  it.each<[MigrationOutcome, string]>([
    ['changed', 'migration-irreversible: hold'],
    ['untried', 'migration-untried: hold'],
    ['unproven', 'migration-untried: hold'],
  ])('that is %s waits for a person', (outcome, finding) => {
    const state = run({ trials: [trial(outcome)] });
    expect([state.phase, foundBy(state)]).toEqual(['waiting', [finding]]);
  });

  it('canary: accepted without a word where the detector is off', () => {
    const state = run({ trials: [trial('changed')], actions: { ...ACTIONS, 'migration-irreversible': 'off' } });
    expect([state.stop?.reason, foundBy(state)]).toEqual(['accepted', []]);
  });

  it('without a way back waits for a person, by what was seen in its file', () => {
    const seen: ContentSighting = { ...MARK, detector: 'migration-irreversible', message: 'has no way back' };
    const state = run({ trials: [trial('no-down')], sightings: [MARK, seen] });
    expect([state.phase, foundBy(state)]).toEqual(['waiting', ['migration-irreversible: hold']]);
  });

  it('that fails is told to the agent, and ends the run when it fails again', () => {
    const state = run({ trials: [trial('failed', { detail: 'up ended with: no such table' })] });
    expect([state.iterations.length, state.stop?.reason]).toEqual([2, 'failing-migration']);
    expect(foundBy(state)).toEqual(['migration-fails: refuse', 'migration-fails: stop']);
    expect(state.iterations[0]?.verdict?.reasons).toEqual(['golang-migrate 2 fails: up ended with: no such table']);
  });

  it.each([
    ['without one that is known waits for a person', [], ['migration-untried: hold']],
    ['with one that works is accepted', [MARK], []],
  ])('in a class that is for migrations, a change %s', (_, sightings, found) => {
    const rules = policy({ detectors: { ...policy().detectors, actions: ACTIONS }, migrations: { required: true } });
    const state = play(openLog(started({ policy: rules })), {
      ...HAPPY,
      change: (__, number) => change(number, { files: [file(PATH)], sightings }),
      experiment: (__, { iteration }) => ({ kind: 'migrations', iteration, trials: [trial('returned')] }),
    });
    expect(foundBy(state)).toEqual(found);
  });

  it('that failed once and then works is accepted', () => {
    const experiment: World['experiment'] = (_, { iteration }) => ({
      kind: 'migrations',
      iteration,
      trials: [trial(iteration === 1 ? 'failed' : 'returned')],
    });
    const state = run({ trials: [], world: { experiment } });
    expect([state.iterations.length, state.stop?.reason]).toEqual([2, 'accepted']);
  });
});

describe('the undo of a migration', () => {
  it('stands in the plan before the branches, with the command and what is lost, and is never a step of loopwright', () => {
    const lost = ['the column users.age'];
    const state = run({ trials: [trial('returned', { undo: { command: 'migrate down 1', lost } })] });
    const steps = state.undo?.plan.steps ?? [];
    expect(steps.map(({ when }) => when)).toEqual([
      'before-landing',
      'after-landing',
      'after-landing',
      'after-landing',
    ]);
    expect(steps[1]?.command).toBe('migrate down 1');
    expect(steps[1]?.what).toContain('by hand and with a backup');
    expect(steps[1]?.what).toContain(
      'On a disposable sqlite it brought the schema back. Data that is lost: the column users.age.',
    );
  });

  it('is part of what the rehearsal says', () => {
    const rehearsal = { worked: true, tree: 't', evidence: 'e' };
    const said = (outcome: MigrationOutcome): unknown =>
      rehearsedMigrations(run({ trials: [trial(outcome)] }), rehearsal).migrations;
    expect(rehearsedMigrations(run({ trials: [trial('changed')] }), rehearsal).evidence).toContain('did not bring');
    expect([said('returned'), said('changed'), said('untried')]).toEqual(['yes', 'no', 'not-tried']);
    const unproven = rehearsedMigrations(run({ trials: [trial('unproven')] }), rehearsal);
    expect([unproven.migrations, unproven.evidence]).toEqual([
      'not-tried',
      'e; nothing is proven about the way down of its migrations',
    ]);
    expect(rehearsedMigrations(run({ trials: [], sightings: [] }), rehearsal)).toEqual(rehearsal);
  });

  it.each<[readonly MigrationOutcome[], string | null]>([
    [[], null],
    [['returned', 'returned'], 'yes'],
    [['returned', 'untried'], 'not-tried'],
    [['returned', 'unproven'], 'not-tried'],
    [['untried', 'no-down'], 'no'],
  ])('of %j is %s', (outcomes, said) => expect(migrationsReturned(outcomes.map((one) => trial(one)))).toBe(said));

  it('names a few and counts the rest', () => {
    expect(trialName({ tool: 'rails', ids: ['1', '2', '3', '4', '5'] })).toBe('rails 1, 2, 3 and 2 more');
  });
});
