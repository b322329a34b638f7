/** What deciding on a command line takes, under rules as a repository has them. */
import { readFileSync } from 'node:fs';
import { parse } from 'unbash';
import { createRuleEngine } from '../src/policy/commands/decide.ts';
import { median, row, type Row } from './measure.ts';

/** Before anything is compiled, the first rounds say more about the runtime than about the rules. */
const WARM_UP = 5;
const ROUNDS = 40;

function lines(): readonly string[] {
  const text = ['allowed', 'refused'].map((name) => readFileSync(`test/fixtures/command-lines/${name}.txt`, 'utf8'));
  return text
    .join('')
    .split('\n')
    .flatMap((line) => line.split('\t')[1]?.replaceAll('\\n', '\n') ?? []);
}

/** Milliseconds of each call, the warm-up left out. */
function times(all: readonly string[], act: (line: string) => unknown): readonly number[] {
  const samples: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const line of all) {
      const started = performance.now();
      act(line);
      if (round >= 0) samples.push(performance.now() - started);
    }
  }
  return samples;
}

export async function commands(): Promise<readonly Row[]> {
  const all = lines();
  const names = [
    'npm test',
    'npm run',
    'git',
    'ls',
    'cat',
    'grep',
    'rg',
    'find',
    'sed',
    'npx vitest',
    'npx eslint',
    'echo',
  ];
  const allow = names.map((name) => ({ rule: `Bash(${name} *)`, reason: null }));
  const deny = ['Read(.env)', 'Edit(.github/**)', 'Bash(npm publish *)'].map((rule) => ({ rule, reason: null }));
  const engine = createRuleEngine({ allow, ask: [], deny });
  const decided = times(all, (line) => engine.decide(line));
  const parsed = median(times(all, parse));
  const slow = decided.toSorted((a, b) => a - b)[Math.floor(decided.length * 0.99)] ?? Number.NaN;
  const microseconds = (ms: number): string => `${(ms * 1_000).toFixed(0)} us`;
  const samples = decided.length;
  const middle = median(decided);
  return [
    row('commands', `one of ${all.length} lines, 15 rules, median`, middle, {
      target: [1, 'under 1 ms'],
      samples,
      note: `${microseconds(middle)}; parsing alone ${microseconds(parsed)}`,
    }),
    row('commands', 'the same, 99 of 100 are faster', slow, {
      target: [1, 'under 1 ms'],
      samples,
      note: microseconds(slow),
    }),
  ];
}
