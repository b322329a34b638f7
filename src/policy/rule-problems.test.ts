/** Rules of a policy file: those that are refused when it is read, with their place, and what the others decide. */
import { describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../core/errors.ts';
import { explainRules } from './explain-rules.ts';
import { parsePolicy } from './parse.ts';

function read(commands: string): ReturnType<typeof parsePolicy> {
  return parsePolicy(`version: 1\nchecks: { unit: npm test }\ncommands:\n${commands}`, 'loopwright.yaml');
}

function refused(commands: string): readonly string[] {
  try {
    read(commands);
  } catch (error) {
    if (isLoopwrightError(error, 'LW_POLICY_INVALID'))
      return error.message.replaceAll('loopwright.yaml:', '').split('\n');
    throw error;
  }
  return [];
}

describe('rules that would never decide', () => {
  it.each([
    [
      '  allow: [Bash(npm test), "Bash(npm test)"]',
      /^4:27 `Bash\(npm test\)` never decides: `commands\.allow` allows everything/,
    ],
    [
      '  deny: ["Bash(git *)"]\n  allow: [Bash(git status)]',
      /^5:11 `Bash\(git status\)` never decides: `commands\.deny` refuses everything/,
    ],
    ['  ask: ["Bash(git *)"]\n  allow: [Bash(git status)]', /^5:11 .* `commands\.ask` asks about everything/],
    ['  deny: ["Bash(git *)", Bash(git push)]', /^4:25 `Bash\(git push\)` never decides/],
    ['  deny: ["Edit(src/**)"]\n  allow: [Edit(src/a.ts)]', /^5:11 /],
    ['  deny: [WebFetch]\n  allow: ["WebFetch(domain:a.example)"]', /^5:11 /],
    [
      '  allow: ["Bash(sudo *)"]',
      /^4:11 `Bash\(sudo \*\)` never allows anything, because no wildcard covers words of this program/,
    ],
    ['  allow: ["Bash(git bisect *)"]', /^4:11 .*`git bisect` is not known to be harmless/],
    ['  allow: ["Bash(a; b)"]', /^4:11 `Bash\(a; b\)`: it never matches/],
    ['  allow: [Task(x)]', /^4:11 `Task\(x\)`: there is no tool/],
    ['  allow:\n    - rule: Task(x)\n      reason: none', /^5:13 `Task\(x\)`: there is no tool/],
    ['  allow: [3]', /^4:11 `commands\.allow\.0`|^4:11 .*expected a rule such as/],
    ['  allow: [{ rule: Bash(ls), because: x }]', /^4:29 unknown key `because`/],
    ['  alow: []', /^4:3 unknown key `alow`.*did you mean `allow`/],
  ])('%j', (commands, message) => {
    const problems = refused(commands);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it('stay when they say more than a wider one covers', () => {
    expect(refused('  allow: ["Bash(git *)", "Bash(git -c color.ui=never log)", "Bash(git push *)"]')).toEqual([]);
    expect(refused('  deny: ["Bash(git push *)"]\n  allow: ["Bash(git *)"]')).toEqual([]);
  });
});

describe('examples', () => {
  it('are checked when the file is read', () => {
    expect(refused('  allow: [{ rule: "Bash(ls *)", match: [ls -la, ls; rm x], not_match: [rm x, ls src] }]')).toEqual([
      expect.stringMatching(/^4:49 `Bash\(ls \*\)` does not match its example `ls; rm x`: no rule allows `rm`/),
      '4:78 `Bash(ls *)` matches `ls src`, which it must not',
    ]);
    expect(refused('  deny: [{ rule: "Read(a/**)", match: [a/b], not_match: [b] }]')).toEqual([]);
    expect(refused('  deny: [{ rule: "Read(a/**)", match: [b] }]')).toHaveLength(1);
    expect(
      refused('  ask: [{ rule: "WebFetch(domain:a.example)", match: [a.example], not_match: [b.example] }]'),
    ).toEqual([]);
    expect(refused('  ask: [{ rule: "Bash(npm *)", not_match: [npm test] }]')).toHaveLength(1);
  });
});

describe('an explanation', () => {
  const file = read('  deny:\n    - { rule: Read(.env), reason: Keys. }\n  allow: ["Bash(cat *)", "Edit(out/**)"]');

  it('names the rule, its line and its reason, and what would run', () => {
    expect(explainRules(file, 'command', 'cat a > out/b; cat .env')).toEqual({
      subject: 'cat a > out/b; cat .env',
      as: 'command',
      decision: 'deny',
      why: '`Read(.env)` refuses it',
      rule: { list: 'deny', at: 0, rule: 'Read(.env)', reason: 'Keys.', origin: 'loopwright.yaml:5' },
      runs: [
        expect.objectContaining({ decision: 'allow', what: 'write out/b' }),
        expect.objectContaining({ decision: 'allow', what: 'cat a' }),
        expect.objectContaining({ decision: 'deny', what: 'cat .env' }),
      ],
    });
  });

  it('is there for paths and hosts, and without a file', () => {
    expect(explainRules(file, 'edit', 'out/x').rule?.origin).toBe('loopwright.yaml:6');
    expect(explainRules(file, 'read', '.env').decision).toBe('deny');
    expect(explainRules(file, 'fetch', 'a.example').decision).toBe('ask');
    expect(explainRules(null, 'command', 'sudo ls')).toMatchObject({ decision: 'deny', rule: { origin: 'built in' } });
    expect(explainRules(null, 'command', 'ls')).toMatchObject({ decision: 'allow', rule: null });
  });

  it.each([
    ['  deny: ["Bash(git push *)"]', 'allow', '`commands.unmatched` is `allow` (default)'],
    ['  unmatched: deny', 'deny', '`commands.unmatched` is `deny` (loopwright.yaml:4)'],
    ['  unmatched: hold', 'ask', 'no rule allows `npm` with these words'],
    ['  allow: ["Bash(ls)"]', 'ask', 'no rule allows `npm` with these words'],
  ])('under %j says of what no rule decides what a run says: %s', (section, decision, why) => {
    const explained = explainRules(read(section), 'command', 'npm publish');
    expect(explained).toMatchObject({ decision, rule: null, runs: [{ what: 'npm publish', decision }] });
    expect(explained.why).toContain(why);
  });

  it('does not let through what may be what a rule refuses, nor take files of the workspace from a reader', () => {
    const open = read('  deny: ["Bash(git push *)"]');
    expect(explainRules(open, 'command', 'git $WORD')).toMatchObject({ decision: 'ask' });
    expect(explainRules(open, 'command', 'npm test; git push')).toMatchObject({
      decision: 'deny',
      runs: [{ decision: 'allow' }, { decision: 'deny' }],
    });
    expect(explainRules(open, 'read', 'src/a.ts').why).toBe('it is a file of the workspace');
    expect(explainRules(file, 'read', 'src/a.ts')).toMatchObject({
      decision: 'allow',
      why: 'it is a file of the workspace',
    });
  });
});

describe('a check that the policy itself forbids', () => {
  const policy = (checks: string): string =>
    `version: 1\nchecks:\n${checks}commands:\n  deny: ["Bash(npm publish *)", Read(.env)]\n`;

  it.each([
    [
      '  unit: npm test\n  out: npm publish --dry-run\n',
      /^loopwright\.yaml:4:\d+ the check `out` runs `npm publish --dry-run`, which/,
    ],
    [
      '  unit: { run: npm test && cat .env, report: exit-code }\n',
      /^loopwright\.yaml:3:\d+ .*refuses with `Read\(\.env\)`/,
    ],
  ])('is an error with its place: %j', (checks, message) => {
    expect(() => parsePolicy(policy(checks), 'loopwright.yaml')).toThrow(message);
  });

  it('is not one that no rule allows, for checks are the own words of a person', () => {
    expect(() => parsePolicy(policy('  unit: ./anything --at all\n'), 'loopwright.yaml')).not.toThrow();
  });
});
