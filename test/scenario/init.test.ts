import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeTest, repositoryWith, type Files, type Place } from './harness.ts';
import { endAll } from './undone.ts';

const places: Place[] = [];

function place(files: Files): Place {
  const made = repositoryWith(files);
  places.push(made);
  return made;
}

afterEach(() => endAll(places));

const SCRIPTS = {
  test: 'node --test',
  lint: 'no-such-linter .',
  typecheck:
    "node -e \"require('node:dns').lookup('example.invalid', (e) => { console.log(String(e)); process.exit(1); })\"",
  'format:check': 'node -e "process.exit(3)"',
};

describe('init', { timeout: 120_000 }, () => {
  it('proposes what it saw run, and what it saw not run commented out with the reason', async () => {
    const here = place({
      'package.json': JSON.stringify({ name: 'x', scripts: SCRIPTS }),
      'a.test.js': nodeTest('adds', 'assert.equal(1 + 1, 2);'),
    });
    const { code, out, err } = await here.cli('init', '--json');
    expect({ code, err }).toMatchObject({ code: 0 });
    const answer = JSON.parse(out) as { checks: readonly { id: string; runs: boolean; words: string }[]; text: string };
    expect(answer.checks.map(({ id, runs }) => [id, runs])).toEqual([
      ['test', true],
      ['lint', false],
      ['typecheck', false],
      ['format', true],
    ]);
    expect(answer.checks.map(({ words }) => words)).toEqual([
      expect.stringContaining('1 test passed'),
      expect.stringContaining('no-such-linter is not there'),
      expect.stringContaining('needs the network'),
      expect.stringContaining('only class fix can use it'),
    ]);
    const written = readFileSync(join(here.root, 'loopwright.yaml'), 'utf8');
    expect(written).toBe(answer.text);
    expect(written).toMatch(/^# yaml-language-server: \$schema=/);
    expect(await here.cli('policy', 'check')).toMatchObject({ code: 0 });
    // Refused before anything is tried again.
    expect(await here.cli('init')).toMatchObject({ code: 2, err: expect.stringContaining('exists already') });
  });

  it('runs nothing when it only prints, or is told so', async () => {
    const here = place({ 'package.json': JSON.stringify({ scripts: { test: 'node --test' } }) });
    expect(await here.cli('init', '--print')).toMatchObject({ code: 0, err: '' });
    const quiet = await here.cli('init', '--no-try');
    expect(quiet).toMatchObject({ code: 0, out: expect.not.stringContaining('on the base in') });
  });
});

describe('a task that nothing can measure', { timeout: 60_000 }, () => {
  it('does not start, and is told what this repository has to measure it by', async () => {
    const here = place({ 'package.json': JSON.stringify({ scripts: { test: 'node --test' } }) });
    for (const argv of [['x'], ['x', '--check', 'true'], ['x', '--check', 'npm test || true']]) {
      const { code, err } = await here.cli('run', ...argv, '--', 'true');
      expect(code).toBe(2);
      expect(err).toContain('LW_NO_ACCEPTANCE');
      expect(err.match(/^ +- /gm)).toHaveLength(3);
      expect(err).toContain("--check 'node --test --test-reporter=tap'");
    }
    expect((await here.cli('list', '--json')).out).toBe('{"runs":[]}');
  });

  it('does not land by itself without names where its class is measured by them', async () => {
    const here = place({
      'loopwright.yaml': 'version: 1\nchecks: { unit: make test }\nclasses: { refactor: { autonomy: land } }\n',
    });
    const refused = await here.cli('run', 'x', '--class', 'refactor', '--dry-run', '--', 'true');
    expect((await here.cli('policy', 'check', '--class', 'refactor')).err).toContain('A run would be refused');
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('no check names its tests') });
    expect(await here.cli('run', 'x', '--class', 'format', '--dry-run', '--', 'true')).toMatchObject({ code: 0 });
  });

  it('is explained, and so are limits, zones and examples', async () => {
    const here = place({
      'loopwright.yaml':
        'version: 1\nchecks: { unit: make test }\ncommands: { allow: [{ rule: Bash(npm test), match: [npm test] }] }\n',
      'bare.yaml': 'version: 1\nchecks: { unit: make test }\n',
    });
    expect((await here.cli('policy', 'explain', '--as', 'limit', 'cost-usd')).out).toContain('--max-cost');
    expect((await here.cli('policy', 'explain', '--as', 'risk', 'ci')).out).toContain('hold  ci');
    expect(await here.cli('policy', 'test')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 examples hold'),
    });
    // The canary: nothing examined is no pass.
    expect(await here.cli('policy', 'test', 'bare.yaml')).toMatchObject({ code: 1 });
    expect(JSON.parse((await here.cli('policy', 'schema')).out)).toMatchObject({ title: 'loopwright.yaml' });
  });
});
