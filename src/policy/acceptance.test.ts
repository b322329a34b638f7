import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Autonomy } from '../core/policy.ts';
import { cannotFail, noAcceptance, suggestions, unmeasured } from './acceptance.ts';
import { BUILT_IN_CLASSES } from './classes.ts';
import { detected } from './detect/evidence.ts';
import { parsePolicy } from './parse.ts';
import { resolvePolicy } from './resolve.ts';

const exitCode = (run: string): { run: string; report: 'exit-code' } => ({ run, report: 'exit-code' });

function judged(checks: string, className: string, autonomy: Autonomy): ReturnType<typeof unmeasured> {
  const text = `version: 1\nchecks: ${checks}\nclasses: { ${className}: { autonomy: ${autonomy} } }\nrisk: []\n`;
  const file = parsePolicy(text, 'loopwright.yaml');
  const builtIn = BUILT_IN_CLASSES.get(className);
  if (builtIn === undefined) throw new Error(`no class ${className}`);
  return unmeasured(resolvePolicy({ file, className, flags: { agent: 'x' } }), builtIn);
}

describe('a check that cannot fail', () => {
  it.each([
    'true',
    ':',
    'echo ok',
    'exit 0',
    'exit',
    '/bin/true',
    'true && echo done',
    'npm test || true',
    'npm test || :',
    'npm test; true',
    'npm test ; exit 0',
    'npm test || echo "tests failed"',
    'npm test\ntrue',
  ])('%s', (run) => {
    expect(cannotFail(exitCode(run))).toBe(true);
  });

  it.each([
    'npm test',
    'false',
    'exit 1',
    'echo start && npm test',
    'npm test && echo ok',
    'true && npm test',
    'npm test || exit 1',
    'set -e; npm test; true',
    'test -f a',
    'true-ish',
    'echo x | grep -q y',
    'echo "$(npm test)"',
  ])('is not %s', (run) => {
    expect(cannotFail(exitCode(run))).toBe(false);
  });

  it('is none whose report has to be there', () => {
    expect(cannotFail({ run: 'true', report: 'tap' })).toBe(false);
  });
});

describe('measurable acceptance', () => {
  it('is not there where every check is one of those, whatever the class and its autonomy', () => {
    for (const className of BUILT_IN_CLASSES.keys()) {
      for (const autonomy of ['report', 'propose', 'land'] as const) {
        expect(judged("{ a: 'true', b: 'echo ok' }", className, autonomy)).toMatchObject({ wantsNames: false });
        expect(judged("{ a: 'true', b: 'npx eslint .' }", 'fix', autonomy)).toBeNull();
      }
    }
  });

  it('of a class that is measured test by test wants names before it may land by itself', () => {
    const wants = [...BUILT_IN_CLASSES.keys()].filter((name) => judged('{ a: make test }', name, 'land') !== null);
    expect(wants).toEqual(['refactor', 'codemod', 'tests']);
    expect(judged('{ a: make test }', 'refactor', 'land')?.what).toBe(
      'class refactor lands by itself and is measured test by test, but no check names its tests (a: exit-code)',
    );
    expect(judged('{ a: make test }', 'refactor', 'propose')).toBeNull();
    expect(judged('{ a: make test, b: go test -json ./... }', 'refactor', 'land')).toBeNull();
  });
});

describe('suggestions', () => {
  it('are three, for any repository and class', () => {
    const runs = fc.array(
      fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('npm test', 'true', 'go test -json ./...')),
      {
        maxLength: 4,
      },
    );
    const classes = fc.constantFrom(...BUILT_IN_CLASSES.keys(), 'ours', 'constructor');
    fc.assert(
      fc.property(runs, classes, fc.boolean(), fc.boolean(), (all, className, wantsNames, hasPolicy) => {
        const found = all.map((run, at) => detected(`c${at}`, run, 'x'));
        const three = suggestions(found, { className, wantsNames, hasPolicy });
        expect(three).toHaveLength(3);
        expect(new Set(three).size).toBeGreaterThanOrEqual(new Set(all).size === all.length ? 3 : 2);
      }),
    );
  });

  it('begin with what the repository has, and never with what cannot fail', () => {
    const found = [detected('a', 'true', 'Makefile has it'), detected('b', "pytest -k 'x'", 'pytest.ini exists')];
    expect(suggestions(found, { className: 'docs', wantsNames: false, hasPolicy: false })).toEqual([
      `name a check that the repository has: loopwright run --class docs --check 'pytest -k '\\''x'\\''' GOAL  (pytest.ini exists)`,
      'let loopwright propose a policy with all it found, each check tried once in the sandbox: loopwright init',
      "name what builds or checks the documentation, for example: loopwright run --class docs --check 'mkdocs build --strict' GOAL",
    ]);
    const named = detected('t', 'go test -json ./...', 'go.mod exists', { report: 'go-test-json', reportFile: null });
    expect(suggestions([...found, named], { className: 'tests', wantsNames: true, hasPolicy: false })[0]).toContain(
      "--check 'go test -json ./...'",
    );
  });

  it('send nobody to an `init` that would refuse, because there is a policy', () => {
    const found = [detected('a', 'make test', 'Makefile has it')];
    const three = suggestions(found, { className: 'fix', wantsNames: false, hasPolicy: true });
    expect(three.filter((one) => one.includes('loopwright init'))).toEqual([
      'see what loopwright would propose, each check tried once in the sandbox: loopwright init --print --try',
    ]);
  });

  it('stand in the refusal', () => {
    expect(noAcceptance('nothing', ['a', 'b', 'c'])).toMatchObject({
      code: 'LW_NO_ACCEPTANCE',
      message: 'nothing',
      next: 'Do one of these:\n  - a\n  - b\n  - c',
    });
  });
});
