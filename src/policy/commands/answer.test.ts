import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandPolicy } from '../../core/command-rule.ts';
import type { PermissionAnswer, ToolUse } from '../../core/permission.ts';
import { createAnswerer } from './answer.ts';

const rules = (...texts: readonly string[]): CommandPolicy['deny'] =>
  texts.map((rule) => ({ rule, reason: rule.startsWith('Read') ? 'It holds keys.' : null }));

const POLICY: CommandPolicy = {
  deny: rules('Bash(npm publish *)', 'Read(.env)'),
  ask: rules('Bash(git push *)', 'Edit(ci/**)'),
  allow: rules('Bash(npm test *)', 'Bash(cd *)', 'Edit(src/**)', 'WebFetch(domain:docs.example.com)'),
  unmatched: 'hold',
  unasked: 'run',
};

function told(use: ToolUse, policy: CommandPolicy = POLICY, workspace = '/workspace'): PermissionAnswer {
  return createAnswerer(policy)({ tool: 'T', use, input: '{}' }, workspace);
}

const command = (line: string): ToolUse => ({ kind: 'command', line });
const edit = (...paths: readonly string[]): ToolUse => ({ kind: 'edit', paths });
const read = (...paths: readonly string[]): ToolUse => ({ kind: 'read', paths });

describe('an answer', () => {
  const table: readonly (readonly [ToolUse, PermissionAnswer['decision'], string | null])[] = [
    [command('npm test'), 'allow', 'Bash(npm test *)'],
    [command('npm test && npm publish'), 'deny', 'Bash(npm publish *)'],
    [command('git push origin main'), 'hold', 'Bash(git push *)'],
    [command('make'), 'hold', null],
    [command('cat .env'), 'deny', 'Read(.env)'],
    [command('cat /workspace/.env'), 'deny', 'Read(.env)'],
    [command('cd /workspace && npm test'), 'allow', 'Bash(cd *)'],
    [command('sudo ls'), 'deny', 'built in'],
    [edit('/workspace/src/a.ts'), 'allow', 'Edit(src/**)'],
    [edit('/workspace/src/a.ts', '/workspace/ci/x.yml'), 'hold', 'Edit(ci/**)'],
    [edit('/workspace/src/a.ts', '/etc/passwd'), 'hold', null],
    [edit('/workspace/.env'), 'deny', 'Read(.env)'],
    [edit(), 'hold', null],
    [read('/workspace/README.md'), 'allow', null],
    [read('/workspace'), 'allow', null],
    [read('/workspace/.env'), 'deny', 'Read(.env)'],
    [read('/workspace/../etc/passwd'), 'hold', null],
    [read('/etc/passwd'), 'hold', null],
    [{ kind: 'fetch', host: 'docs.example.com' }, 'allow', 'WebFetch(domain:docs.example.com)'],
    [{ kind: 'fetch', host: 'example.org' }, 'hold', null],
    [{ kind: 'other' }, 'hold', null],
  ];

  it.each(table)('to %j is %s by %s', (use, decision, rule) => {
    expect(told(use)).toMatchObject({ decision, rule });
  });

  it('gives the reason that stands beside the rule, else what the rule does', () => {
    expect(told(read('.env')).reason).toBe('It holds keys.');
    expect(told(command('npm publish')).reason).toBe('`Bash(npm publish *)` refuses it');
    expect(told(command('make')).reason).toContain('a person has to decide');
  });

  it('about what no rule decides is that of `unmatched`', () => {
    for (const unmatched of ['hold', 'deny', 'allow'] as const) {
      expect(told(command('make'), { ...POLICY, unmatched }).decision).toBe(unmatched);
      expect(told({ kind: 'other' }, { ...POLICY, unmatched }).decision).toBe(unmatched);
    }
  });

  it('is to hold a line that cannot be followed, where a rule might be about it', () => {
    const hidden = command('$(echo npm) publish');
    const open = { ...POLICY, allow: [], unmatched: 'allow' as const };
    for (const line of ['$(echo npm) publish', 'npm $what']) expect(told(command(line), open).decision).toBe('hold');
    for (const line of ['npm install', 'ls "$where"', 'make -j2 all'])
      expect(told(command(line), open).decision).toBe('allow');
    const nothingWatched = { ...POLICY, deny: [], ask: [], unmatched: 'allow' as const };
    expect(told(hidden, nothingWatched).decision).toBe('allow');
  });

  it('takes an old policy, which does not say what is unmatched, as one that wants a person', () => {
    const { unmatched: _, ...old } = POLICY;
    expect(told(command('make'), old as CommandPolicy).decision).toBe('hold');
  });
});

describe('what a rule denies', () => {
  const lines = fc.array(fc.constantFrom('npm test', 'make', 'ls -l', 'npm publish', 'cat .env', 'git push', 'true'), {
    minLength: 1,
    maxLength: 5,
  });
  const joined = fc.tuple(lines, fc.constantFrom(' && ', '; ', ' || ', ' | ')).map(([parts, by]) => parts.join(by));

  it('is denied whatever else the line does, whatever is unmatched, and wherever the workspace is', () => {
    const unmatched = fc.constantFrom('hold' as const, 'deny' as const, 'allow' as const);
    const workspace = fc.constantFrom('/workspace', '/tmp/a b/w', '/', '/x+(y)');
    fc.assert(
      fc.property(joined, unmatched, workspace, (line, chosen, where) => {
        const { decision } = told(command(line), { ...POLICY, unmatched: chosen }, where);
        const forbidden = /npm publish|\.env/.test(line);
        if (forbidden) expect(decision).toBe('deny');
        else if (line.includes('git push')) expect(decision).toBe('hold');
        else if (chosen !== 'deny') expect(decision).not.toBe('deny');
      }),
    );
  });
});
