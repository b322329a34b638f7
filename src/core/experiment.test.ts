import { describe, expect, it } from 'vitest';
import { HAPPY, answer, change, file, openLog, play, policy, result, started } from '../../test/fixtures/world.ts';
import type { Log, World } from '../../test/fixtures/world.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import type { ExperimentResult, MutantTrial } from './experiment-event.ts';
import { looksLikeTest } from './experiment.ts';
import type { DetectorAction } from './policy.ts';
import type { RunState } from './state.ts';

const FILES = [file('src/sum.js'), file('src/sum.test.js', { kind: 'added' })];

interface Given {
  readonly mutants?: number;
  readonly action?: DetectorAction;
  readonly files?: typeof FILES;
  readonly world?: Partial<World>;
}

function run({ mutants = 3, action = 'note', files = FILES, world = {} }: Given): RunState {
  const { detectors } = policy();
  const actions = { 'tests-green-on-base': action, 'surviving-mutant': action };
  const rules = policy({ proof: { mutants }, detectors: { ...detectors, actions } });
  const log = openLog(started({ policy: rules }));
  return play(log, { ...HAPPY, change: (_, number) => change(number, { files }), ...world });
}

const trial = (outcome: MutantTrial['outcome']): MutantTrial => ({
  path: 'src/sum.js',
  line: 3,
  words: '`+` became `-`',
  outcome,
});

function showing(green: readonly string[], outcomes: readonly MutantTrial['outcome'][]): Pick<World, 'experiment'> {
  return {
    experiment: (_state, { kind, iteration }): ExperimentResult =>
      kind === 'red-first'
        ? { kind, iteration, newTests: 2, greenOnBase: green }
        : kind === 'mutation'
          ? { kind, iteration, trials: outcomes.map(trial) }
          : { kind, iteration, trials: [] },
  };
}

/** As far as the first experiment, which is asked for and not made. */
function askedFor(log: Log): Extract<Command, { type: 'runExperiment' }> {
  for (let count = 0; count < 50; count += 1) {
    const [command] = decide(log.state);
    if (command?.type === 'runExperiment') return command;
    if (command !== undefined) answer(log, command, HAPPY);
  }
  throw new Error('no experiment was asked for');
}

const kindsOf = (state: RunState): readonly string[] => state.experiments.map(({ kind }) => kind);
const foundBy = (state: RunState): readonly string[] =>
  state.iterations.flatMap(({ findings }) => findings.map(({ detector, severity }) => `${detector}: ${severity}`));

describe('experiments', () => {
  it('are made once each when everything else would accept', () => {
    const state = run({});
    expect([kindsOf(state), state.stop?.reason, foundBy(state)]).toEqual([['red-first', 'mutation'], 'accepted', []]);
  });

  it.each<[string, Given, readonly string[]]>([
    ['the policy wants none', { action: 'off' }, []],
    ['no faults are wanted', { mutants: 0 }, ['red-first']],
    ['the change has no tests', { files: [file('src/sum.js')] }, ['mutation']],
    ['the change is tests alone', { files: [file('src/sum.test.js')] }, []],
    [
      'its tests were judged by their base copies',
      { files: [file('src/a.js'), file('a.test.js', { protected: true })] },
      ['mutation'],
    ],
    ['nothing in it is code', { files: [file('README.md')] }, []],
    ['it is no pass', { world: { check: () => result('failure') } }, []],
  ])('are left out where %s', (_what, given, kinds) => {
    expect(kindsOf(run(given))).toEqual(kinds);
  });

  it('become findings by policy', () => {
    const found = showing(['sum > old'], ['green', 'unclear', 'green']);
    const noted = run({ world: found });
    expect(foundBy(noted)).toEqual(['tests-green-on-base: note', 'surviving-mutant: note']);
    expect(noted.iterations[0]?.findings[1]?.message).toContain('src/sum.js:3: `+` became `-`');
    expect(noted.stop?.reason).toBe('accepted');
    expect(run({ action: 'hold', world: found }).phase).toBe('waiting');
    const stopped = run({ action: 'stop', world: found });
    expect([stopped.iterations.length, stopped.stop?.reason]).toEqual([2, 'unwanted-change']);
  });

  it.each<[string, readonly MutantTrial['outcome'][]]>([
    ['one of them was noticed', ['green', 'red']],
    ['nothing could run with them', ['unclear', 'unclear']],
    ['there were none', []],
  ])('find no surviving fault where %s', (_what, outcomes) => {
    expect(foundBy(run({ world: showing([], outcomes) }))).toEqual([]);
  });

  it('are tried again by whoever takes over in the middle of one, and refused out of order', () => {
    const { detectors } = policy();
    const rules = policy({
      proof: { mutants: 1 },
      detectors: { ...detectors, actions: { 'surviving-mutant': 'note' } },
    });
    const log = openLog(started({ policy: rules }));
    const asked = askedFor(log);
    const { kind, iteration, head } = asked;
    log.append({ type: 'experiment.requested', kind, iteration, head });
    expect(decide(log.state)).toEqual([asked]);
    log.append({ type: 'experiment.requested', kind, iteration, head });
    const other: ExperimentResult = { kind: 'red-first', iteration, newTests: 0, greenOnBase: [] };
    expect(() => log.append({ type: 'experiment.finished', result: other })).toThrow('finish-without-request');
  });

  it('know tests by their place and name', () => {
    const tests = ['test/a.js', 'src/__tests__/a.ts', 'a.spec.ts', 'pkg/a_test.go', 'test_a.py', 'src/ATest.java'];
    const others = ['src/latest.js', 'contest/a.js', 'src/testing.ts', 'Latest.java', 'src/attest.py'];
    expect([tests.every(looksLikeTest), others.some(looksLikeTest)]).toEqual([true, false]);
  });
});
