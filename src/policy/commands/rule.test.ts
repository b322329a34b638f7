import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain } from './model.ts';
import { matchWords, readRule, subsumes, type Rule } from './rule.ts';

function rule(text: string): Rule {
  const reading = readRule(text, 'exact');
  if (!reading.ok) throw new Error(`${text}: ${reading.problem}`);
  return reading.rule;
}

function matches(pattern: string, words: string): boolean {
  const read = rule(`Bash(${pattern})`);
  if (read.tool !== 'Bash') throw new Error('no rule on commands');
  return matchWords(read.tokens, words.split(' ').map(plain)) !== null;
}

describe('a rule', () => {
  it.each([
    ['Bash(npm test', 'expected `Tool(specifier)`'],
    ['npm test', 'expected `Tool(specifier)`'],
    ['Bash()', 'it names no command'],
    ['Bash(a && b)', 'write one rule for each'],
    ['Bash(ls; rm)', 'write one rule for each'],
    ['Bash(a | b)', 'write one rule for each'],
    ['Bash(echo > a)', 'write one rule for each'],
    ['Bash(echo $(id))', 'write one rule for each'],
    ['Bash(CI=1 npm test)', 'write the command alone'],
    ["Bash(echo 'a)", 'a quote in it is not closed'],
    ['Edit(/etc/passwd)', 'is absolute'],
    ['Edit(a/../b)', '`.` or `..` part'],
    ['Write(a)', 'write that'],
    ['WebFetch(https://a.example)', 'WebFetch(domain:docs.example.com)'],
    ['Task(x)', 'there is no tool `Task` here'],
  ])('%s is refused', (text, problem) => {
    const reading = readRule(text, 'exact');
    expect(reading.ok ? 'accepted' : reading.problem).toContain(problem);
  });

  it.each([
    ['npm run test:*', 'npm run test', true],
    ['npm run test:*', 'npm run test -- --watch', true],
    ['npm run test:*', 'npm run test:unit', false],
    ['git status', 'git status -s', false],
    ['*', 'anything at all', true],
    ['git * main', 'git push origin main', true],
    ['git * main', 'git main', true],
    ['git * main', 'git push main x', false],
    ['mv src/* src/*', 'mv src/a src/b', true],
    ['mv src/* src/*', 'mv src/a b', false],
    ["find . -name '*'", 'find . -name *', true],
    ["find . -name '*'", 'find . -name a', false],
    ['npx tsc *', 'npx tsc-evil', false],
  ])('%s against %s: %s', (pattern, words, expected) => expect(matches(pattern, words)).toBe(expected));

  it('takes no exponential time with many stars', () => {
    expect(matches(Array.from({ length: 60 }, () => '* a').join(' '), 'a '.repeat(200).trim().replace(/a$/, 'b'))).toBe(
      false,
    );
  });
});

describe('one rule over another', () => {
  it.each([
    ['Bash(git *)', 'Bash(git push *)', true],
    ['Bash(git push *)', 'Bash(git *)', false],
    ['Bash(git *)', 'Bash(git)', true],
    ['Bash(a * c)', 'Bash(a b c)', true],
    ['Edit(src/**)', 'Edit(src/a/*.ts)', true],
    ['Edit(src/*)', 'Edit(src/**)', false],
    ['Edit(**)', 'Read(a)', false],
    ['WebFetch(domain:*)', 'WebFetch(domain:a.example)', true],
    ['WebFetch(domain:*.a.example)', 'WebFetch(domain:a.example)', false],
  ])('%s over %s: %s', (wide, narrow, expected) => expect(subsumes(rule(wide), rule(narrow))).toBe(expected));

  it('matches whatever the narrower one matches', () => {
    const words = fc.array(fc.constantFrom('a', 'b', '*', 'a*'), { minLength: 1, maxLength: 5 });
    const command = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 5 });
    let looked = 0;
    fc.assert(
      fc.property(words, words, command, (wide, narrow, given) => {
        if (!subsumes(rule(`Bash(${wide.join(' ')})`), rule(`Bash(${narrow.join(' ')})`))) return;
        if (!matches(narrow.join(' '), given.join(' '))) return;
        looked += 1;
        expect(matches(wide.join(' '), given.join(' '))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(looked).toBeGreaterThan(20);
  });
});
