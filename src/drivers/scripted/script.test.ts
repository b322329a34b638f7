import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { LoopwrightError } from '../../core/errors.ts';
import { createScriptedDriver, scriptReference } from './index.ts';
import { MAX_SCRIPT_BYTES, readScript } from './script.ts';
import { STEPS } from './steps.ts';

function problemsOf(script: string): unknown {
  try {
    readScript({ script, name: 'agent.yaml' });
  } catch (error) {
    if (error instanceof LoopwrightError) return error.details['problems'];
    throw error;
  }
  return 'accepted';
}

describe('a script', () => {
  it('becomes instructions with every unit resolved', () => {
    const script = `
turns:
  - - sleep: 1.5s
    - flood: { bytes: 2 KiB }
    - big-file: { path: a, bytes: 3MB }
    - chmod: { path: a, mode: "0755" }
    - run: npm test
    - claim: { blocked: "two\\nlines" }
    - lie: all green
`;
    expect(readScript({ script }).instructions).toEqual([
      [
        { op: 'sleep', sleepMs: 1_500 },
        { op: 'flood', bytes: 2_048, stream: 'stdout' },
        { op: 'big-file', path: 'a', bytes: 3_000_000 },
        { op: 'chmod', path: 'a', mode: 0o755 },
        { op: 'run', command: 'npm test', mustSucceed: false },
        { op: 'say', text: 'loopwright: blocked: two lines' },
        { op: 'say', text: 'all green' },
        { op: 'say', text: 'loopwright: done: all green' },
      ],
    ]);
  });

  it('is refused with the line and column of every mistake', () => {
    const script = `turns:
  - - say: 1
    - sya: hello
  - - write: { path: a, txt: b }
    - if-prompt-contains:
        text: red
        then:
          - sleep: 5
more: true
`;
    expect(problemsOf(script)).toEqual(['agent.yaml:9:1 more: is not known here']);
    expect(problemsOf(script.replace('more: true\n', ''))).toEqual([
      'agent.yaml:2:7 turns.0.0.say: has to be text',
      `agent.yaml:3:7 turns.0.1.sya: is no step; there are ${[...STEPS.keys()].join(', ')}`,
      'agent.yaml:4:7 turns.1.0.write.text: has to be text',
      'agent.yaml:4:25 turns.1.0.write.txt: is not known here',
      'agent.yaml:8:13 turns.1.1.if-prompt-contains.then.0.sleep: has to be a duration like 200ms, 5s or 2m',
    ]);
  });

  it('is refused when it is no YAML, or YAML that unfolds without end', () => {
    expect(problemsOf('turns: [')).toMatchObject([expect.stringMatching(/^agent\.yaml:1:\d+ /u)]);
    expect(problemsOf('turns: []\nturns: []\n')).toMatchObject([expect.stringContaining('agent.yaml:2:1')]);
    const bomb = Array.from('bcdefghi').reduce(
      (text, name, index) => `${text}${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]\n`,
      'a: &a [x]\n',
    );
    expect(problemsOf(bomb)).toMatchObject([expect.stringContaining('alias')]);
    expect(problemsOf('x'.repeat(MAX_SCRIPT_BYTES + 1))).toEqual([
      `agent.yaml: is longer than ${MAX_SCRIPT_BYTES} bytes`,
    ]);
  });

  it('is refused when its conditions are nested without end', () => {
    const nested = (levels: number): string =>
      `turns: [[${'if-prompt-contains: { text: x, then: ['.repeat(levels)}say: deep${']}'.repeat(levels)}]]`;
    expect(problemsOf(nested(9))).toBe('accepted');
    expect(problemsOf(nested(50))).toMatchObject([expect.stringContaining('nested deeper than 10 levels')]);
  });

  it('given as text and given as data are the same options', () => {
    const driver = createScriptedDriver();
    const options = driver.options({ script: 'turns:\n  - - say: hi\nrepeat: all\n', name: 'agent.yaml' });
    expect(options).toEqual({ turns: [[{ say: 'hi' }]], repeat: 'all' });
    expect(driver.options(options)).toEqual(options);
  });
});

describe('the reference', () => {
  it('has a row for every step', () => {
    const rows = scriptReference()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.map((row) => row.split('`')[1])).toEqual([...STEPS.keys()]);
    expect(rows.length).toBeGreaterThanOrEqual(25);
  });

  it('shows examples that work', () => {
    for (const [name, { example }] of STEPS) {
      const step = parse(example) as Record<string, unknown>;
      expect(Object.keys(step)).toEqual([name]);
      expect(readScript({ turns: [[step]] }).instructions[0]).not.toEqual([]);
    }
  });
});
