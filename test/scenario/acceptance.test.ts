/** What an acceptance rests on: repetition, numbers that may not get worse, experiments, checks the agent never sees. */
import { afterEach, describe, expect, it } from 'vitest';
import { RIGHT_FIX, SUM, nodeTest, repositoryWith, scriptFile } from './harness.ts';
import type { Files, Place } from './harness.ts';
import { endAll } from './undone.ts';

const places: Place[] = [];

function place(files: Files): Place {
  const made = repositoryWith(files);
  places.push(made);
  return made;
}

afterEach(() => endAll(places));

function scripted(here: Place, yaml: string, ...more: readonly string[]): Promise<Awaited<ReturnType<Place['run']>>> {
  return here.run('make it add', '--agent', 'scripted', '--script', scriptFile(here, yaml), ...more);
}

const CHECK =
  'checks:\n  test: { run: node --test --test-reporter=tap, report: tap, repeat: 2 }\nproof: { mutants: 0 }\n';

/** Counts the executions of a suite in a file that outlives them, which takes a machine without a sandbox. */
const COUNT = 'const n = fs.statSync(process.env.COUNT, { throwIfNoEntry: false })?.size ?? 0;';
const FLAKY = `
const [test, fs] = [require('node:test'), require('node:fs')];
test('luck', () => { ${COUNT} fs.appendFileSync(process.env.COUNT, 'x'); if (n % 2 === 0) throw new Error('bad luck'); });
`;
/** Right in the first execution on a change, wrong in the second. */
const ONCE = `const fs = require('node:fs');
${COUNT.replaceAll('COUNT', 'ONCE')}
exports.sum = (a, b) => { fs.appendFileSync(process.env.ONCE, 'x'); return n === 0 ? a + b : 0; };
exports.zero = () => 0;
`;

describe('repetition', () => {
  it('knows flaky tests before the agent starts, and names a test that passes only once', async () => {
    const here = place({ ...SUM, 'luck.test.js': FLAKY });
    const environment = { COUNT: here.beside('count'), ONCE: here.beside('once') };
    const policy = `version: 1\nsandbox: none\nenvironment: ${JSON.stringify(environment)}\n${CHECK}`;
    here.commit('policy', { 'loopwright.yaml': policy });
    const told = (text: string, path: string): string =>
      `if-prompt-contains: { text: "${text}", then: [{ write: { path: sum.js, text: ${path} } }], else: [{ exit: 9 }] }`;
    const script = [
      'turns:',
      `  - [{ ${told('known flaky, not yours', JSON.stringify(ONCE))} }]`,
      `  - [{ ${told('tests that pass only once: adds', JSON.stringify(RIGHT_FIX))} }]`,
    ];
    const { code } = await scripted(here, script.join('\n'));
    expect(code).toBe(0);
    const shown = await here.show();
    expect(shown.iterations).toBe(2);
    expect(shown.checks).toMatchObject([{ repeats: 2, flaky: ['luck'], newlyFailing: [], passedOnce: [] }]);
    expect((await here.cli('report', 'last')).out).toContain('known to be flaky');
  });
});

describe('a ratchet', () => {
  it('refuses a change that makes a number worse, and takes the one that does not', async () => {
    const size = "version: 1\nchecks: { size: { run: 'wc -c < sum.js', report: number, ratchet: lower } }\n";
    const here = place({ ...SUM, 'loopwright.yaml': size });
    const write = (text: string): string => `[{ write: { path: sum.js, text: ${JSON.stringify(text)} } }]`;
    const script = `turns:\n  - ${write(`${RIGHT_FIX}// and more\n`)}\n  - ${write('exports.sum = 1;\n')}\n`;
    const { code, events } = await scripted(here, script, '--class', 'refactor');
    expect(code).toBe(0);
    const [first] = events.filter(({ type }) => type === 'verdict.reached').slice(1);
    expect(first).toMatchObject({ verdict: { kind: 'continue' } });
    expect(JSON.stringify(first)).toContain('is above the');
    expect((await here.show()).checks).toMatchObject([{ measured: { value: 17, unit: '', ratchet: 'lower' } }]);
  });
});

describe('a held-back check', () => {
  it('turns away a fix that only satisfies what the agent sees, and tells it nothing but that', async () => {
    const run = 'node --test --test-reporter=tap';
    const here = place({
      ...SUM,
      'held/sum.test.js': nodeTest('unseen', "require('node:assert').equal(require('../sum.js').sum(1, 6), 7);"),
      'loopwright.yaml': `version: 1
checks:
  test: { run: ${run} sum.test.js zero.test.js, report: tap, repeat: 1 }
  proof: { run: ${run} held/sum.test.js, report: tap, repeat: 1, hidden: [held/**] }
proof: { mutants: 0 }
`,
    });
    const unless = (text: string, step: string): string =>
      `if-prompt-contains: { text: "${text}", then: [{ exit: 9 }], else: [{ ${step} }] }`;
    const write = (text: string): string => `write: { path: sum.js, text: ${JSON.stringify(text)} }`;
    const onlyIf = (text: string, step: string): string =>
      `if-prompt-contains: { text: "${text}", then: [{ ${step} }], else: [{ exit: 8 }] }`;
    const script = [
      'turns:',
      `  - [{ ${unless('unseen', unless('proof', write('exports.sum = () => 4;\nexports.zero = () => 0;\n')))} }]`,
      `  - [{ ${unless('unseen', unless('proof', onlyIf('a held-back check is red', write(RIGHT_FIX))))} }]`,
    ];
    const { code } = await scripted(here, script.join('\n'));
    expect(code).toBe(0);
    const shown = await here.show();
    expect(shown).toMatchObject({ iterations: 2, outcome: 'accepted' });
    expect(shown.checks.map(({ id, fixed }) => [id, fixed])).toEqual([
      ['test', ['adds']],
      ['proof', ['unseen']],
    ]);
  });

  it('is refused where nothing hides its files', async () => {
    const held = 'version: 1\nsandbox: none\nchecks: { proof: { run: node held.js, hidden: [held.js] } }\n';
    const here = place({ ...SUM, 'held.js': '', 'loopwright.yaml': held });
    const { code, err } = await here.cli('run', 'x', '--', 'true');
    expect([code, err.includes('LW_POLICY_INVALID')]).toEqual([2, true]);
  });
});

describe('experiments', () => {
  const repository: Files = {
    'table.json': '{ "two": 3 }\n',
    'table.test.js': nodeTest('knows two', "assert.equal(require('./table.json').two, 2);"),
    'zero.js': 'exports.zero = () => 0;\n',
    'zero.test.js': nodeTest('is zero', "assert.equal(require('./zero.js').zero(), 0);"),
    'loopwright.yaml': SUM['loopwright.yaml']?.replace('mutants: 0', 'mutants: 2') ?? '',
  };
  const step = (path: string, text: string): string => `{ write: { path: ${path}, text: ${JSON.stringify(text)} } }`;
  const right = step('table.json', '{ "two": 2 }\n');

  it('say of a passing change that its test proves nothing and that no check looks at its code', async () => {
    const here = place(repository);
    const empty = nodeTest('is still zero', "assert.equal(require('./zero.js').zero(), 0);");
    const steps = [right, step('extra.js', 'exports.more = (n) => n + 1;\n'), step('more.test.js', empty)];
    const { code, events } = await scripted(here, `turns: [[${steps.join(', ')}]]`);
    expect(code).toBe(0);
    const { findings } = await here.show();
    expect(findings.map(({ detector, severity }) => [detector, severity])).toEqual([
      ['tests-green-on-base', 'note'],
      ['surviving-mutant', 'note'],
    ]);
    expect(findings[0]?.location).toBe('is still zero');
    expect(findings[1]?.message).toContain('extra.js:1');
    const kinds = events.flatMap(({ type }) => (type.startsWith('experiment.') ? [type] : []));
    expect(kinds).toEqual(
      Array.from({ length: 4 }, (_, at) => `experiment.${at % 2 === 0 ? 'requested' : 'finished'}`),
    );
  });

  it('say nothing of one whose test is red without it, and whose code a check looks at', async () => {
    const here = place(repository);
    const proof = nodeTest('has one more', "assert.equal(require('./zero.js').next(), 1);");
    const code = step('zero.js', 'exports.zero = () => 0;\nexports.next = () => exports.zero() + 1;\n');
    const ended = await scripted(here, `turns: [[${[right, code, step('more.test.js', proof)].join(', ')}]]`);
    expect(ended.code).toBe(0);
    expect((await here.show()).findings).toEqual([]);
    const results = ended.events.flatMap((event) => (event.type === 'experiment.finished' ? [event.result] : []));
    expect(results).toMatchObject([{ newTests: 1, greenOnBase: [] }, { trials: [{ outcome: 'red' }] }]);
  });
});
