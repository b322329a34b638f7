import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../finding.ts';
import { NO_STEPS, STEP_DETECTORS, watchStep } from './index.ts';
import type { StepLimits } from './index.ts';
import { kindOfTool } from './step.ts';
import type { Step } from './step.ts';
import { EMPTY_TRAIL, extend, TRAIL_STEPS } from './trail.ts';

/** A step that is new in every way, and harmless. */
function step(n: number, patch: Partial<Step> = {}): Step {
  const tool = patch.tool ?? 'Read';
  return {
    tool,
    kind: kindOfTool(tool),
    input: `in ${n}`,
    output: `out ${n}`,
    outputCharacters: 4_000,
    failed: false,
    files: [],
    tree: null,
    tokens: null,
    ...patch,
  };
}

function many(count: number, make: (n: number) => Partial<Step>): readonly Step[] {
  return Array.from({ length: count }, (_, n) => step(n, make(n)));
}

function findings(steps: readonly Step[], limits?: StepLimits): readonly Finding[] {
  let watch = NO_STEPS;
  return steps.flatMap((one) => {
    const seen = watchStep(watch, one, limits);
    watch = seen.watch;
    return seen.findings;
  });
}

function stops(steps: readonly Step[], limits?: StepLimits): ReadonlySet<string> {
  const stopping = findings(steps, limits).filter(({ severity }) => severity === 'stop');
  return new Set(stopping.map(({ detector }) => detector));
}

const failing = { failed: true } as const;
const edit = { tool: 'edit' } as const;

/** A spiral that fires the detector, and honest work that looks like it and must not. */
const CASES: Readonly<Record<string, { readonly spiral: readonly Step[]; readonly honest: readonly Step[] }>> = {
  'repeated-action': {
    spiral: many(4, () => ({ input: 'same', output: 'same' })),
    // The same look after each of several edits, as with `git status`.
    honest: many(12, (n) => (n % 3 === 0 ? { input: 'same', output: 'same' } : { ...edit })),
  },
  'repeated-edit': {
    spiral: many(5, () => ({ ...edit, input: 'same' })),
    // Five edits of one file, each another.
    honest: many(12, () => ({ ...edit, files: ['a.ts'] })),
  },
  'retry-storm': {
    spiral: many(4, (n) => ({ ...failing, input: 'same', output: `job ${n} not found` })),
    // A red test that is run again after every edit.
    honest: many(8, (n) => (n % 2 === 0 ? { ...failing, input: 'npm test' } : { ...edit })),
  },
  'step-cycle': {
    spiral: many(18, (n) => ({ input: `round ${n % 6}`, output: `round ${n % 6}` })),
    // The same round of commands, but its results move.
    honest: many(18, (n) => ({ input: `round ${n % 6}` })),
  },
  'same-failure': {
    spiral: many(8, () => ({ ...failing, output: 'command not found' })),
    honest: many(24, (n) => (n % 2 === 0 ? { ...failing, output: 'exit code 1' } : { ...edit })).slice(0, 12),
  },
  'error-streak': {
    spiral: many(9, () => failing),
    honest: many(24, (n) => (n % 6 === 5 ? {} : failing)).slice(0, 17),
  },
  'environment-spiral': {
    spiral: many(24, (n) => (n % 5 === 4 ? {} : failing)),
    honest: many(48, (n) => (n % 2 === 0 ? {} : failing)),
  },
  'no-new-information': {
    spiral: many(16, () => ({ outputCharacters: 20 })),
    // Commands that say little, and now and then a file.
    honest: many(48, (n) => (n % 4 === 0 ? { files: ['a.ts'] } : { outputCharacters: 20 })),
  },
  'tokens-without-progress': {
    spiral: many(10, () => ({ tokens: 500_000 })),
    honest: many(40, (n) => (n % 8 === 7 ? { ...edit, tokens: 500_000 } : { tokens: 500_000 })),
  },
  'summarise-loop': {
    spiral: many(15, (n) => (n % 3 === 0 ? { kind: 'summary' } : {})),
    honest: many(96, (n) => (n % 24 === 0 ? { kind: 'summary' } : {})),
  },
};

describe('detectors over steps', () => {
  it('all have a case, distinct ids, and say what they see', () => {
    expect(Object.keys(CASES).toSorted()).toEqual(STEP_DETECTORS.map(({ id }) => id).toSorted());
    expect(STEP_DETECTORS.every(({ summary, advice }) => summary.endsWith('.') && advice !== '')).toBe(true);
  });

  it.each(Object.entries(CASES))('%s stops its spiral and leaves honest work alone', (id, { spiral, honest }) => {
    expect(stops(spiral)).toContain(id);
    expect(stops(honest)).toEqual(new Set());
  });

  it('have numbers they can reach', () => {
    expect(STEP_DETECTORS.filter(({ stopsAt, most }) => stopsAt > most)).toEqual([]);
  });

  it.each(Object.entries(CASES))('%s never stops where it is off', (id, { spiral }) => {
    expect(stops(spiral, { [id]: 'off' })).not.toContain(id);
  });

  it.each(Object.entries(CASES))('%s warns once before it stops, and says what to do', (id, { spiral }) => {
    const own = findings([...spiral, ...spiral]).filter(({ detector }) => detector === id);
    expect(own.map(({ severity }) => severity).slice(0, 2)).toEqual(['note', 'stop']);
    expect(own.filter(({ severity }) => severity === 'note')).toHaveLength(1);
    const advice = STEP_DETECTORS.find((detector) => detector.id === id)?.advice;
    expect(own[0]?.message.endsWith(`: ${advice}`)).toBe(true);
  });

  it('one action over and over is no cycle', () => {
    expect(
      stops(
        many(6, () => ({ input: 'same', output: 'same' })),
        { 'repeated-action': 'off' },
      ),
    ).toEqual(new Set());
  });

  it('let an agent wait for what it started', () => {
    expect(
      stops(many(60, () => ({ tool: 'BashOutput', input: 'job', output: 'nothing new', outputCharacters: 11 }))),
    ).toEqual(new Set());
  });

  it('let an agent follow a log that grows', () => {
    expect(stops(many(60, () => ({ tool: 'Bash', input: 'sleep 30; tail log' })))).toEqual(new Set());
  });

  it('let an agent do the same to many files', () => {
    expect(stops(many(60, (n) => ({ ...edit, files: [`${n}.ts`], output: 'ok', outputCharacters: 2 })))).toEqual(
      new Set(),
    );
  });

  it('let an agent move many files without a word', () => {
    expect(stops(many(60, () => ({ tool: 'Bash', output: '', outputCharacters: 0 })))).toEqual(new Set());
  });

  it('count a tree that moved as progress, whatever tool moved it', () => {
    const moving = many(12, (n) => ({ tool: 'Bash', tokens: 500_000, tree: `tree ${n}` }));
    expect(stops(moving)).toEqual(new Set());
    expect(stops(moving.map((one) => ({ ...one, tree: 'still' })))).toEqual(new Set(['tokens-without-progress']));
  });

  it('a detector that throws is not swallowed', () => {
    expect(() => watchStep(NO_STEPS, null as unknown as Step)).toThrow(TypeError);
  });
});

describe('the trail of steps', () => {
  const anyStep = fc.record({
    tool: fc.constantFrom('Bash', 'edit', 'BashOutput'),
    input: fc.stringMatching(/^[a-c]$/),
    output: fc.stringMatching(/^[a-c]{1,4}$/),
    failed: fc.boolean(),
  });

  it('stays bounded, and never warns twice', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 300 }), (steps) => {
        const notes = findings(steps.map((one, n) => step(n, one))).filter(({ severity }) => severity === 'note');
        expect(notes).toHaveLength(new Set(notes.map(({ detector }) => detector)).size);
        const trail = steps.reduce((before, one, n) => extend(before, step(n, one)), EMPTY_TRAIL);
        expect(trail.recent.length).toBeLessThanOrEqual(TRAIL_STEPS);
        expect(trail.seen.length).toBeLessThanOrEqual(128);
      }),
    );
  });
});

describe('the kind of a tool', () => {
  it.each([
    ['Edit', 'write'],
    ['MultiEdit', 'write'],
    ['NotebookEdit', 'write'],
    ['str_replace_editor', 'write'],
    ['apply_patch', 'write'],
    ['write_file', 'write'],
    ['BashOutput', 'wait'],
    ['write_stdin', 'wait'],
    ['wait_for', 'wait'],
    ['Bash', 'other'],
    ['Read', 'other'],
  ])('%s: %s', (tool, kind) => {
    expect(kindOfTool(tool)).toBe(kind);
  });
});
