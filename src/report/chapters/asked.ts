/** What was asked: the task, and the rules the run was held to. */
import type { FoundAgent } from '../../core/agent-event.ts';
import type { CheckSpec } from '../../core/check.ts';
import type { BaselineRule } from '../../core/policy.ts';
import { code, listed, say } from '../document.ts';
import type { Block, Fact, Section, Words } from '../document.ts';
import type { ReportModel } from '../report.ts';
import { count, duration } from '../words.ts';

const RULES: Readonly<Record<BaselineRule, string>> = {
  'must-fail': 'at least one check had to be red on the base, and all of them had to be green at the end',
  'may-pass': 'what was green on the base had to stay green; tests that were red there may stay red',
};

function globs(patterns: readonly string[]): Words {
  return patterns.length === 0 ? ['none'] : listed(patterns.map(code));
}

/** The built-in classes protect dozens of patterns; a reader wants to know that, not to read them all. */
const MAX_PATTERNS = 6;

function protectedWords(patterns: readonly string[]): Words {
  if (patterns.length === 0) return ['none'];
  const more = patterns.length - MAX_PATTERNS;
  const rest = more > 0 ? ` and ${count(more, 'more pattern')} of the policy` : '';
  return say`${globs(patterns.slice(0, MAX_PATTERNS))}${rest}: checks use the copies of the base`;
}

function reportWords(spec: CheckSpec): Words {
  if (spec.report === 'exit-code') return ['exit code only: no test is known by name'];
  return spec.reportFile === null
    ? [`${spec.report} on standard output`]
    : say`${spec.report} in ${code(spec.reportFile)}`;
}

function checkTable(checks: readonly CheckSpec[]): Block {
  return {
    kind: 'table',
    caption: 'Acceptance checks',
    columns: [{ title: 'Check' }, { title: 'Command' }, { title: 'Report' }, { title: 'Time allowed', align: 'right' }],
    rows: checks.map((spec) => [[code(spec.id)], [code(spec.run)], reportWords(spec), [duration(spec.timeoutMs)]]),
  };
}

function programFact({ version, sha256, manifest, foundBy, program }: FoundAgent): Fact {
  const around = manifest === null ? '' : say`, manifest ${code(manifest.sha256)}`;
  return {
    label: 'Executed as the agent',
    words: say`${version ?? 'of no version it tells'}, SHA-256 ${code(sha256)}${around}, found by ${foundBy}: ${code(program)}`,
  };
}

export function askedChapter({ policy, summary }: ReportModel): Section {
  const facts: readonly Fact[] = [
    { label: 'Class', words: say`${code(policy.class.name)}: ${policy.class.summary}` },
    { label: 'Acceptance', words: [RULES[policy.class.baseline]] },
    { label: 'Base', words: say`${code(summary.baseName)}, commit ${code(summary.base)}` },
    { label: 'Repository', words: [code(summary.repository)] },
    { label: 'Agent', words: [code(summary.agent)] },
    ...summary.programs.map(programFact),
    { label: 'May change', words: globs(policy.paths.allow) },
    ...(policy.paths.deny.length === 0 ? [] : [{ label: 'Must not change', words: globs(policy.paths.deny) }]),
    { label: 'Protected', words: protectedWords(policy.protect) },
    { label: 'Started by', words: [summary.operator] },
    { label: 'Answers for it', words: [summary.owner ?? 'nobody is named'] },
  ];
  return {
    id: 'asked',
    title: 'What was asked',
    blocks: [{ kind: 'quote', text: summary.task }, { kind: 'facts', facts }, checkTable(policy.checks)],
  };
}
