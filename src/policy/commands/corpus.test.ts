/** Command lines under an allow rule: those that must run, and those that must not. One a line: rules, tab, command. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRuleEngine, type Ruling } from './decide.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'test', 'fixtures', 'command-lines');

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };

type Line = readonly [rules: string, command: string];

function lines(name: string): readonly Line[] {
  const text = readFileSync(join(FOLDER, name), 'utf8').trimEnd();
  return text.split('\n').map((line) => {
    const [rules = '', command = ''] = line.split('\t');
    return [rules, command.replaceAll(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter)];
  });
}

function decide(rules: string, command: string): Ruling {
  const allow = rules.split(', ').map((rule) => ({ rule: `Bash(${rule})`, reason: null }));
  return createRuleEngine({ deny: [], ask: [], allow }).decide(command);
}

const ALLOWED = lines('allowed.txt');
const REFUSED = lines('refused.txt');

describe('what the rules allow', () => {
  it('looked at lines', () => {
    expect(ALLOWED.length).toBeGreaterThan(150);
    expect(REFUSED.length).toBeGreaterThan(450);
  });

  it.each(ALLOWED)('%s: %j runs', (rules, command) => {
    const { decision, why } = decide(rules, command);
    expect({ decision, why }).toMatchObject({ decision: 'allow' });
  });

  it.each(REFUSED)('%s: %j does not run', (rules, command) => {
    const { decision, why } = decide(rules, command);
    expect(decision).not.toBe('allow');
    expect(why.length).toBeGreaterThan(10);
  });

  it('would notice a line that is let through', () => {
    expect(decide('touch *', 'touch src/P').decision).toBe('allow');
  });

  // Whatever is harmless alone is not harmless before something that is not allowed.
  it.each(['; touch P', '\ntouch P', ' && touch P', ' | tee P', ' $(touch P)', ' > P', ' & touch P'])(
    'no line of them carries %j with it',
    (tail) => {
      const ended = ALLOWED.filter(
        ([rules, command]) => !rules.startsWith('touch') && !/#|<<|['"]$|\bfi$|\bdone$|\)$/.test(command),
      );
      expect(ended.length).toBeGreaterThan(80);
      const through = ended.filter(([rules, command]) => decide(rules, `${command}${tail}`).decision === 'allow');
      expect(through).toEqual([]);
    },
  );

  it.each([
    'LD_PRELOAD=./x.so ',
    'PATH=. ',
    'GIT_DIR=x ',
    'NODE_OPTIONS=-r=./x ',
    'BASH_ENV=x ',
    'A=$(touch P) ',
    'A[0]=1 ',
  ])('no line of them runs behind %j', (prefix) => {
    const simple = ALLOWED.filter(([, command]) => /^[a-z]/.test(command) && !/^(?:if|for)\b/.test(command));
    expect(simple.length).toBeGreaterThan(100);
    const through = simple.filter(([rules, command]) => decide(rules, `${prefix}${command}`).decision === 'allow');
    expect(through).toEqual([]);
  });
});
