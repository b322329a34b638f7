/** The rules of a policy in the rules of each agent: nothing that is denied is said weaker than it is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandRules } from '../core/command-rule.ts';
import { settings as claude } from './claude/rules.ts';
import { rules as codex } from './codex/rules.ts';
import { fence } from './fence.ts';
import { rules as gemini } from './gemini/rules.ts';
import { rules as opencode } from './opencode/rules.ts';
import { rules as qwen } from './qwen/rules.ts';

const some = (...rules: readonly string[]): CommandRules['deny'] => rules.map((rule) => ({ rule, reason: null }));
const NOTHING: CommandRules = { deny: [], ask: [], allow: [] };
const unasked = (rules: CommandRules) => ({ rules, asks: false });

const RULES: CommandRules = {
  deny: some('Bash(npm publish:*)', 'Bash(git push)', 'Read(.env)', 'Edit(ci/**)', 'WebFetch(domain:*.example.com)'),
  ask: some('Bash(make *)'),
  allow: some('Bash(npm test *)'),
};

describe('the rules an agent is given', () => {
  it('are none where the policy forbids nothing', () => {
    const allowing = unasked({ ...NOTHING, allow: some('Bash(npm test *)') });
    for (const made of [claude, codex, gemini, opencode, qwen]) expect(made(allowing)).toBe(null);
  });

  it('of claude', () => {
    expect(claude(unasked(RULES))).toEqual({
      permissions: {
        deny: [
          'Bash(npm publish:*)',
          'Bash(git push)',
          'Read(./.env)',
          'Edit(./.env)',
          'Edit(./ci/**)',
          'WebFetch(domain:*.example.com)',
          'Bash(make:*)',
        ],
      },
    });
  });

  it('of claude make it ask about everything, where it asks: ours decide then', () => {
    const { permissions } = claude({ rules: RULES, asks: true }) as {
      permissions: Record<string, string[]>;
    };
    expect(Object.keys(permissions)).toEqual(['ask']);
    expect(permissions['ask']).toEqual(expect.arrayContaining(['Bash', 'Edit', 'Write', 'Read', 'WebFetch']));
    expect(claude({ rules: NOTHING, asks: true })).not.toBe(null);
  });

  it('of codex are prefixes of commands', () => {
    expect(codex(unasked(RULES))?.trim().split('\n')).toEqual([
      'prefix_rule(pattern = ["npm","publish"], decision = "forbidden")',
      'prefix_rule(pattern = ["git","push"], decision = "forbidden")',
      'prefix_rule(pattern = ["make"], decision = "forbidden")',
    ]);
  });

  it('of opencode allow everything else, and deny last', () => {
    const made = opencode(unasked(RULES));
    expect(made).toEqual({
      bash: {
        '*': 'allow',
        'npm publish': 'deny',
        'npm publish *': 'deny',
        'git push': 'deny',
        make: 'deny',
        'make *': 'deny',
      },
      edit: { '*': 'allow', '.env': 'deny', '*/.env': 'deny', 'ci/*': 'deny', '*/ci/*': 'deny' },
      read: { '*': 'allow', '.env': 'deny', '*/.env': 'deny' },
      webfetch: 'deny',
    });
    expect(Object.keys(Object(made?.['bash']) as object)[0]).toBe('*');
  });

  it('of gemini are above everything `--yolo` allows', () => {
    const made = gemini(unasked(RULES)) ?? '';
    expect(made.match(/\[\[rule\]\]/gu)).toHaveLength(6);
    expect(made).toContain('commandPrefix = "npm publish"\ndecision = "deny"\npriority = 999\n');
    expect(made).toContain('toolName = ["replace","write_file"]');
    const patterns = [...made.matchAll(/argsPattern = (".*")\n/gu)].map(
      ([, text]) => new RegExp(JSON.parse(text ?? '') as string, 'u'),
    );
    const [env, ci, host] = patterns;
    expect(env?.test('{"file_path":"/workspace/.env"}')).toBe(true);
    expect(env?.test('{"file_path":".env"}')).toBe(true);
    expect(env?.test('{"file_path":"/workspace/x.env"}')).toBe(false);
    expect(ci?.test('{"file_path":"/workspace/ci/a/b.yml"}')).toBe(true);
    expect(ci?.test('{"file_path":"src/a.ts"}')).toBe(false);
    expect(host?.test('{"prompt":"read https://docs.example.com/x"}')).toBe(true);
  });

  it('of qwen name the command with and without further words', () => {
    expect(qwen(unasked({ ...NOTHING, deny: some('Bash(npm publish *)', 'Read(.env)') }))).toBe(
      'Bash(npm publish),Bash(npm publish *),Read(./.env),Edit(./.env)',
    );
    expect(qwen(unasked({ ...NOTHING, deny: some('Bash(echo a,b)') }))).toBe(null);
  });
});

describe('what is denied', () => {
  const word = fc.constantFrom('npm', 'publish', 'git', 'push', '--force', './x.sh', 'a@b', 'k=v');
  const words = fc.array(word, { minLength: 1, maxLength: 4 });
  const tail = fc.constantFrom('', ' *', ':*');
  const bash = fc
    .tuple(words, tail)
    .map(([some_, end]) => ({ words: some_, open: end !== '', rule: `Bash(${some_.join(' ')}${end})` }));

  it('is said to every agent as it is, or wider', () => {
    fc.assert(
      fc.property(bash, fc.constantFrom('deny' as const, 'ask' as const), (one, list) => {
        const permissions = unasked({ ...NOTHING, [list]: some(one.rule) });
        const line = one.words.join(' ');
        expect(codex(permissions)).toContain(`pattern = ${JSON.stringify(one.words)}, decision = "forbidden"`);
        expect(gemini(permissions)).toContain(`commandPrefix = ${JSON.stringify(line)}\n`);
        expect(opencode(permissions)?.['bash']).toMatchObject({
          [line]: 'deny',
          ...(one.open ? { [`${line} *`]: 'deny' } : {}),
        });
        expect(qwen(permissions)?.split(',')).toContain(`Bash(${line}${one.open ? ' *' : ''})`);
        expect(JSON.stringify(claude(permissions))).toContain(JSON.stringify(`Bash(${line}${one.open ? ':*' : ''})`));
      }),
    );
  });

  it('is either said or named as left to the sandbox, whatever stands in the rule', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('git * --force', "echo 'a b'", '*', 'a\\ b'),
    );
    fc.assert(
      fc.property(fc.constantFrom('Bash', 'Read', 'Edit'), text, (tool, specifier) => {
        const { denied, unsaid } = fence({ ...NOTHING, deny: some(`${tool}(${specifier})`) });
        expect(denied.length + unsaid.length).toBe(1);
      }),
    );
    const { unsaid } = fence({ ...NOTHING, deny: some('Bash(git * --force)', "Bash(echo 'a b')", 'Bash(*)') });
    expect(unsaid).toHaveLength(3);
  });

  it('never is what the policy allows', () => {
    fc.assert(
      fc.property(bash, (one) => {
        expect(fence({ ...NOTHING, allow: some(one.rule) })).toEqual({ denied: [], unsaid: [] });
      }),
    );
  });
});
