import { describe, expect, it } from 'vitest';
import { explainRules } from '../../policy/explain-rules.ts';
import { parsePolicy } from '../../policy/parse.ts';
import { describeRuling } from './ruling.ts';

const FILE = parsePolicy(
  'version: 1\nchecks: { unit: npm test }\ncommands:\n  deny: [{ rule: Read(.env), reason: Keys. }]\n  allow: ["Bash(cat *)"]\n',
  'loopwright.yaml',
);

describe('what the rules decide, in words', () => {
  it('says the decision, the rule with its line and reason, and every part', () => {
    expect(describeRuling(explainRules(FILE, 'command', 'cat a; cat .env'))).toBe(
      [
        'deny  cat a; cat .env',
        '  because `Read(.env)` refuses it',
        '  rule    Read(.env)  (loopwright.yaml:4)',
        '  reason  Keys.',
        '',
        'It would:',
        '  allow cat a',
        '  deny  cat .env',
        '        `Read(.env)` refuses it',
      ].join('\n'),
    );
  });

  it('shows nothing that could steer a terminal', () => {
    const words = describeRuling(explainRules(null, 'command', "cat '\u001b[2J\u202e'"));
    expect(words).not.toMatch(/[\u001b\u202e]/);
    expect(words).toContain('\\x1b');
  });
});
