import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REPORT_FORMATS } from '../core/check.ts';
import { stringify } from 'yaml';
import { isLoopwrightError, type ErrorCode } from '../core/errors.ts';
import type { PolicyContent } from './content.ts';
import { parsePolicy } from './parse.ts';

const FILE = 'loopwright.yaml';

function failure(text: string): { code: ErrorCode; message: string; next: string } {
  try {
    parsePolicy(text, FILE);
  } catch (error) {
    if (isLoopwrightError(error)) return { code: error.code, message: error.message, next: error.next };
    throw error;
  }
  throw new Error('the policy was accepted');
}

/** The code of the refusal. Anything but our own errors goes up. */
function outcome(text: string): string {
  try {
    parsePolicy(text, FILE);
  } catch (error) {
    if (isLoopwrightError(error)) return error.code;
    throw error;
  }
  return 'accepted';
}

/** The whole message, for a file that starts with the version. */
const refused = (rest: string): string => failure(`version: 1\n${rest}`).message;
const at = (...lines: readonly string[]): string => lines.map((line) => `${FILE}:${line}`).join('\n');

describe('a policy that cannot be read', () => {
  it('is empty or says nothing', () => {
    const said = at('1:1 the file says nothing; the smallest policy is `version: 1`');
    const empty = ['', '\n\n', '# only\n# comments\n', '---\n', 'null\n', '\ufeff'];
    expect(
      empty
        .map((text) => failure(text))
        .filter(({ code, message }) => code !== 'LW_POLICY_INVALID' || message !== said),
    ).toEqual([]);
  });

  it('is no map', () => {
    expect(failure('- a\n').message).toBe(at('1:1 the file is a list; expected keys such as `version: 1`'));
    expect(failure('hello\n').message).toBe(at('1:1 the file is "hello"; expected keys such as `version: 1`'));
  });

  it('is too long, in characters', () => {
    const { code, message } = failure(`version: 1\n${'# filler\n'.repeat(1_200_000)}`);
    expect({ code, message }).toEqual({
      code: 'LW_POLICY_UNREADABLE',
      message: 'loopwright.yaml is larger than 256 KiB',
    });
  });

  it('holds a zero byte', () => {
    const { code, message } = failure('version: 1\0');
    expect({ code, message }).toEqual({
      code: 'LW_POLICY_UNREADABLE',
      message: 'loopwright.yaml holds a zero byte, so it is not text',
    });
  });
});

describe('YAML that is not what it seems', () => {
  it.each([
    ['tabs', 'limits:\n\tidle: 1m\n', ['3:1 a tab is used for indentation; use spaces']],
    ['a key twice', 'owner: a\nowner: b\n', ['3:1 the key `owner` is here twice; keep one']],
    ['a nested key twice', 'limits: { idle: 1m, idle: 2m }\n', ['2:21 the key `idle` is here twice; keep one']],
    ['an anchor', 'owner: &me a\n', ['2:12 anchors (`&me`) are not allowed; write the value where it is used']],
    [
      'a merge key',
      'limits:\n  <<: { idle: 1m }\n',
      ['3:3 merge keys (`<<`) are not allowed; write the values out, or use `extends` of a class'],
    ],
    [
      'a tag',
      'owner: !!str 5\n',
      ['2:14 tags (`tag:yaml.org,2002:str`) are not allowed; put text that starts with `!` in quotes'],
    ],
    [
      'an unknown tag',
      'owner: !me x\n',
      ['2:12 tags (`!me`) are not allowed; put text that starts with `!` in quotes'],
    ],
    [
      'a glob without quotes',
      'protect:\n  - **/secret/**\n',
      [
        '3:5 in YAML a value that starts with `*` is an alias, and aliases are not allowed; put a glob in quotes ("**/secret/**"), or write the value out',
      ],
    ],
    ['a second document', '---\nversion: 1\n', ['2:1 a second document starts here; a policy is one document']],
    [
      'a colon in a value',
      'owner: team: blue\n',
      ['2:8 the value holds a `: `, which starts a map inside it; put the value in quotes'],
    ],
    [
      'a reserved sign',
      'owner: @team\n',
      ['2:8 plain value cannot start with reserved character @; put the value in quotes'],
    ],
    ['a number as key', 'checks: { 1: npm test }\n', ['2:11 a key has to be text; put it in quotes']],
    ['a list as key', '? [a]\n: b\n', ['2:3 a key has to be text; put it in quotes']],
    ['a null byte escape', 'owner: "a\\qb"\n', ['2:10 invalid escape sequence \\q']],
    ['an open quote', 'owner: "a\n', ['3:1 missing closing "quote']],
    [
      'hidden characters',
      'owner: a\u202eb\n',
      ['2:9 the invisible character U+202E can make the file read differently than it is; remove it'],
    ],
  ])('%s', (_, text, lines) => expect(refused(text)).toBe(at(...lines)));

  it('an older YAML by directive, where `no` would be false', () => {
    const said = at('1:1 directives (`%`) are not allowed; a policy is YAML 1.2, remove the line');
    expect(failure('%YAML 1.1\n---\nversion: 1\n').message).toBe(said);
  });

  it('takes the words of YAML 1.1 for text', () => {
    expect(refused('sandbox: no\n')).toBe(
      at('2:10 `sandbox`: expected `bubblewrap` or `container` or `seatbelt` or `none`, not "no"'),
    );
    const { content } = parsePolicy('version: 1\nowner: on\ndetectors: { no-progress: off }\n', FILE);
    expect(content).toEqual({ version: 1, owner: 'on', detectors: { 'no-progress': 'off' } });
  });

  it('an alias bomb, without unfolding it', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `a${level}: &a${level} [${`*a${level - 1}, `.repeat(level === 0 ? 0 : 9)}x]`,
    );
    const { code, message } = failure(`version: 1\n${levels.join('\n')}\n`);
    expect(code).toBe('LW_POLICY_INVALID');
    expect(message.split('\n')[0]).toBe(
      `${FILE}:2:9 anchors (\`&a0\`) are not allowed; write the value where it is used`,
    );
    expect(message.length).toBeLessThan(10_000);
  });

  it('nesting that would exhaust the stack', () => {
    for (const text of [
      '['.repeat(30_000),
      '{'.repeat(30_000),
      '- '.repeat(30_000),
      `agent: ${'['.repeat(17)}${']'.repeat(17)}`,
    ]) {
      expect(failure(text).message).toMatch(/^loopwright\.yaml:1:\d+ nested more than 16 levels deep$/m);
    }
  });

  it('keys that would reach into prototypes', () => {
    expect(refused('__proto__: { polluted: true }\n')).toBe(at('2:1 `__proto__` cannot be a key'));
    expect(refused('agent: { driver: x, options: { __proto__: { polluted: 1 } } }\n')).toBe(
      at('2:32 `__proto__` cannot be a key'),
    );
    expect(refused('constructor: 1\n')).toMatch(/^loopwright\.yaml:2:1 unknown key `constructor`; known keys are /);
    const { content } = parsePolicy(
      'version: 1\nagent: { driver: x, options: { constructor: 1 } }\nenvironment: { toString: a }\n',
      FILE,
    );
    expect(content.agent?.options).toEqual({ constructor: 1 });
    expect(Object.getPrototypeOf(content.environment)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('a credential, without repeating it', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const said = refused(`environment:\n  GITHUB_TOKEN: ${token}\n`);
    expect(said).toBe(
      at(
        '3:17 this looks like a GitHub token; a policy is committed and recorded, so it never holds one; remove it and revoke it',
      ),
    );
    expect(refused(`sandbox: ${token}\n`)).not.toContain(token);
  });
});

describe('a wrong key or value', () => {
  it.each([
    ['chekcs: { a: b }\n', '2:1 unknown key `chekcs`; did you mean `checks`?'],
    ['limits: { wallTime: 1m }\n', '2:11 unknown key `wallTime` in `limits`; did you mean `wall-time`?'],
    ['limits: { max-iterations: 3 }\n', '2:11 unknown key `max-iterations` in `limits`; did you mean `iterations`?'],
    ['iterations: 3\n', '2:1 unknown key `iterations`; `iterations` belongs under `limits`'],
    [
      'classes: { fix: { limits: { idel: 1m } } }\n',
      '2:29 unknown key `idel` in `classes.fix.limits`; did you mean `idle`?',
    ],
    [
      'checks: { a: { run: x, cwd: y } }\n',
      '2:24 unknown key `cwd` in `checks.a`; known keys are `run`, `report`, `report-file`, `timeout`, `network`, `repeat`, `ratchet`, `hidden`',
    ],
    ['checks: { a: { report: tap } }\n', '2:14 `checks.a.run` is missing'],
    [
      'checks: { a: { run: x, report: junitt } }\n',
      `2:32 \`checks.a.report\`: expected one of ${REPORT_FORMATS.map((name) => `\`${name}\``).join(', ')}, not "junitt"; did you mean \`junit\`?`,
    ],
    ['checks: { a: 5 }\n', '2:14 `checks.a`: expected a command line, or a map with `run`, not 5'],
    ['checks: { a: "  " }\n', '2:14 `checks.a`: the command is empty'],
    [
      'checks: { Unit: x }\n',
      '2:11 "Unit" cannot be the id of a check; use small letters, digits and `-`, at most 64, starting with a letter or digit',
    ],
    ['checks:\n', '2:8 `checks` is empty: expected a map; give a value or remove the key'],
    [
      'checks: { a: { run: x, timeout: 5 } }\n',
      '2:33 `checks.a.timeout`: 5 has no unit; write a number with its unit, such as `90s`, `10m` or `1h30m`',
    ],
    [
      'checks: { a: { run: x, timeout: unlimited } }\n',
      '2:33 `checks.a.timeout`: "unlimited" is not a duration; write a number with its unit, such as `90s`, `10m` or `1h30m`',
    ],
    [
      'limits: { iterations: -1 }\n',
      '2:23 `limits.iterations`: -1 is not above zero (or the word `unlimited` for no ceiling)',
    ],
    [
      'limits: { iterations: 0 }\n',
      '2:23 `limits.iterations`: 0 is not above zero (or the word `unlimited` for no ceiling)',
    ],
    [
      'limits: { tokens: 1e30 }\n',
      '2:19 `limits.tokens`: 1e+30 is above the largest value, 10^12 (or the word `unlimited` for no ceiling)',
    ],
    ['limits: { cost-usd: .nan }\n', '2:21 NaN is not a finite number; for no ceiling write `unlimited`'],
    [
      'limits: { idle: true }\n',
      '2:17 `limits.idle`: expected a duration such as `10m`, or the word `unlimited`, not true',
    ],
    [
      'limits: { idle: }\n',
      '2:17 `limits.idle` is empty: expected a duration such as `10m`, or the word `unlimited`; give a value or remove the key',
    ],
    ['environment: { PORT: 80 }\n', '2:22 `environment.PORT`: expected text in quotes, not 80'],
    ['environment: { "a b": x }\n', '2:16 a variable name has letters, digits and `_`, and starts with no digit'],
    ['protect: src\n', '2:10 `protect`: expected a list of globs, or a map with `files` and `except`, not "src"'],
    [
      'protect: ["!a"]\n',
      '2:11 `protect[0]`: "!a" starts with `!`; say what to leave out under `except` or `deny` (a file really called that is `\\!…`)',
    ],
    [
      'paths: { allow: [] }\n',
      '2:17 `paths.allow`: an empty list would match nothing; give a glob such as `src/**`, or remove the key',
    ],
    [
      'paths: { deny: [/etc] }\n',
      '2:17 `paths.deny[0]`: "/etc" is absolute; globs are relative to the repository: `etc`',
    ],
    [
      'paths: { dependencies: [../x] }\n',
      '2:25 `paths.dependencies[0]`: "../x" has a `.` or `..` part; write it from the repository\'s root',
    ],
    ['paths: { dependencies: [a/.git] }\n', '2:25 `paths.dependencies[0]`: "a/.git" is inside `.git`'],
    ['paths: { dependencies: ["*/x"] }\n', '2:25 `paths.dependencies[0]`: "*/x" is a glob; name each directory'],
    [
      'detectors: { repeated-failure: 1 }\n',
      '2:32 `detectors.repeated-failure`: expected a whole number from 2 to 100, or the word `off`',
    ],
    [
      'detectors: { repeated-failure: offf }\n',
      '2:32 `detectors.repeated-failure`: expected a whole number from 2 to 100, or the word `off`, not "offf"; did you mean `off`?',
    ],
    [
      'detectors: { steps: { repeated-action: 40 } }\n',
      '2:40 `detectors.steps.repeated-action`: repeated-action can count to 12 at most; 40 would never stop anything: write `off` for that',
    ],
    [
      'detectors: { steps: { error-streak: 1 } }\n',
      '2:37 `detectors.steps.error-streak`: expected a whole number of at least 2, or the word `off`',
    ],
    [
      'detectors: { actions: { cycel: note } }\n',
      '2:25 unknown key `cycel` in `detectors.actions`; did you mean `cycle`?',
    ],
    [
      'detectors: { protected-edit: holds }\n',
      '2:30 `detectors.protected-edit`: expected `off` or `note` or `hold` or `stop`, not "holds"; did you mean `hold`?',
    ],
    ['agent: { options: {} }\n', '2:8 `agent.driver` is missing'],
    [
      'agent: Claude Code\n',
      '2:8 `agent`: "Claude Code" cannot be the name of a driver; use small letters, digits and `-`, at most 64, starting with a letter or digit',
    ],
    ['owner: ""\n', '2:8 `owner`: the owner is empty'],
    [
      'classes: { docs: { checks: [] } }\n',
      '2:28 `classes.docs.checks`: a class without a check could never be accepted; remove the key to use all checks',
    ],
  ])('%s', (text, line) => expect(refused(text)).toBe(at(line)));

  it('of another version of the format says only that', () => {
    const said = at(
      '1:10 version 2 is not known; this loopwright knows version 1; write `version: 1`, or use the loopwright the file was written for',
    );
    expect(failure('version: 2\nfancy: new\n').message).toBe(said);
    expect(failure('version: "1"\n').message).toContain('version "1" is not known');
    expect(failure('owner: a\n').message).toBe(at('1:1 `version` is missing; start the file with `version: 1`'));
  });

  it('lists every error, in the order of the file', () => {
    const text = 'version: 1\nlimts: {}\nlimits:\n  idle: 5\n  tokens: x\nchecks:\n  a: [1]\n';
    expect(
      failure(text)
        .message.split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(['loopwright.yaml:2:1', 'loopwright.yaml:4:9', 'loopwright.yaml:5:11', 'loopwright.yaml:7:6']);
  });

  it('of which there are too many to read', () => {
    const many = (entry: string): string =>
      Array.from({ length: 201 }, (_, index) => `  c${index}: ${entry}\n`).join('');
    expect(refused(`checks:\n${many('x')}`)).toBe(at('3:3 `checks`: 201 entries; at most 200 are read'));
    expect(refused(`classes:\n${many('{ extends: c0 }')}`)).toBe(
      at('3:3 `classes`: 201 entries; at most 200 are read'),
    );
    expect(refused(`environment:\n${many('x')}`)).toBe(at('3:3 `environment`: 201 entries; at most 200 are read'));
  });

  it('lists the first twenty and counts the rest', () => {
    const many = Array.from({ length: 25 }, (_, index) => `zz${index}: 1`).join('\n');
    const lines = refused(many).split('\n');
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('and 5 more');
  });
});

describe('keys that do not fit together', () => {
  it.each([
    [
      'checks: { a: { run: x, report: exit-code, report-file: r.xml } }\n',
      '2:56 `report: exit-code` reads no file; remove `report-file`, or say `report: junit`',
    ],
    [
      'checks: { a: { run: x, report-file: r.xml } }\n',
      '2:37 `report-file` needs a `report` beside it that says how to read it, such as `junit`',
    ],
    [
      'checks: { a: { run: x, report: tap, report-file: "*.tap" } }\n',
      '2:50 "*.tap" is a glob; a TAP report is one file (globs are for other formats)',
    ],
    ['risk: [{ name: web, paths: [web] }]\n', '2:8 the new zone `web` needs `reason`'],
    ['risk: [{ name: web, reason: r }]\n', '2:8 the new zone `web` needs `paths`'],
    ['risk: [{ name: ci }]\n', '2:8 the zone `ci` changes nothing; give `paths` or `reason`, or remove it'],
    [
      'risk: [{ name: auth, approvals: 3, from: [kim, lee] }]\n',
      '2:33 3 approvals are asked for, and only 2 may give one',
    ],
    ['risk: [{ name: auth, checks: [nope] }]\n', '2:30 there is no check `nope`; there is none'],
    [
      'risk: [{ name: auth, from: [kim] }]\nclasses: { docs: { risk: [{ name: auth, from: [lee] }] } }\n',
      '3:47 `lee` may not approve here: the file lets only kim do so, and a class can only leave names out',
    ],
    ['risk: [{ name: auht, paths: off }]\n', '2:16 there is no zone `auht` to turn off; did you mean `auth`?'],
    [
      'risk: [{ name: ci, paths: off }, { name: ci, paths: [a] }]\n',
      '2:42 the zone `ci` is here twice; join their paths',
    ],
    [
      'checks: { unit: x }\nclasses: { docs: { checks: [unti] } }\n',
      '3:29 there is no check `unti`; did you mean `unit`?',
    ],
    ['classes: { docs: { checks: [unit] } }\n', '2:29 there is no check `unit`; there is none'],
    [
      'classes: { bump: { extends: dependency } }\n',
      '2:29 there is no class `dependency`; did you mean `dependencies`?',
    ],
  ])('%s', (text, line) => expect(refused(text)).toBe(at(line)));

  it('classes that extend each other', () => {
    const text = 'classes: { a: { extends: b }, b: { extends: a }, docs: { extends: docs } }\n';
    expect(refused(text)).toBe(
      at(
        '2:26 classes extend each other in a circle: `a` -> `b` -> `a`',
        '2:45 classes extend each other in a circle: `b` -> `a` -> `b`',
      ),
    );
  });
});

describe('a right policy', () => {
  it('may be written as JSON, with CRLF, or with a byte order mark', () => {
    const expected: PolicyContent = { version: 1, limits: { idle: 60_000 } };
    for (const text of [
      '{"version": 1, "limits": {"idle": "1m"}}',
      '\ufeffversion: 1\r\nlimits:\r\n  idle: 1m\r\n',
      'version: 1\n\nlimits: { idle: 1m } # why\n...\n',
    ]) {
      expect(parsePolicy(text, FILE).content).toEqual(expected);
    }
  });

  it('knows the line of every key', () => {
    const { lines } = parsePolicy('version: 1\nlimits:\n  idle: 1m\nrisk:\n  - name: ci\n    paths: off\n', FILE);
    expect(Object.fromEntries(lines)).toEqual({
      version: 1,
      limits: 2,
      'limits.idle': 3,
      risk: 4,
      'risk.0': 5,
      'risk.0.name': 5,
      'risk.0.paths': 6,
    });
  });

  it('is what was meant, however YAML writes it', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const line = fc.stringMatching(/^[!-~][ -~]{0,30}[!-~]$/);
    const policy = fc.record(
      {
        version: fc.constant(1 as const),
        owner: line,
        environment: fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/), fc.stringMatching(/^[ -~]{0,20}$/), {
          maxKeys: 3,
          noNullPrototype: true,
        }),
        checks: fc.dictionary(name, fc.record({ run: line }), { maxKeys: 3, noNullPrototype: true }),
        detectors: fc.record({
          'repeated-failure': fc.oneof(fc.integer({ min: 2, max: 100 }), fc.constant('off' as const)),
        }),
        protect: fc.record({ files: fc.array(name), except: fc.array(name) }),
      },
      { requiredKeys: ['version'] },
    );
    fc.assert(
      fc.property(policy, (content) => {
        expect(parsePolicy(stringify(content), FILE).content).toEqual(content);
      }),
      { numRuns: 100 },
    );
  });

  it('or a clear refusal: no text makes the parser fail in any other way', () => {
    const piece = fc.constantFrom(
      'version: 1\n',
      'limits:',
      '  idle: ',
      '1m\n',
      '- ',
      '[',
      '{',
      '}',
      ']',
      '"',
      "'",
      ': ',
      '\n',
      '\t',
      '&a ',
      '*a',
      '!x ',
      '#',
      '|\n',
      '? ',
      '%YAML',
      '---\n',
      '...',
      '\0',
      '\ufeff',
      'checks',
      '__proto__',
      '🦊',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 25 }), (pieces) => {
        expect(['accepted', 'LW_POLICY_INVALID', 'LW_POLICY_UNREADABLE']).toContain(outcome(pieces.join('')));
      }),
      { numRuns: 400 },
    );
  });
});
