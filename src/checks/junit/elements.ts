/** What the elements and attributes of a JUnit report mean, dialect by dialect. */
import type { TestStatus } from '../../core/check.ts';
import { headOf } from '../excerpt.ts';
import { placeless } from '../reading.ts';
import type { UnnamedCounts } from '../reading.ts';
import type { Attributes } from '../xml-report.ts';

/** What a suite says about itself, and what was really found in it. */
export interface Suite {
  readonly kind: 'suite';
  /** Empty for the container `testsuites`, whose name is that of the run. */
  readonly name: string;
  readonly file: string;
  readonly declared: UnnamedCounts | null;
  /** Sum of what its suites declare. */
  within: UnnamedCounts | null;
  /** Elements that report a failure, at any depth, expected ones included. */
  reds: number;
}

export interface Case {
  readonly kind: 'case';
  readonly attributes: Attributes;
  red: boolean;
  todo: boolean;
  skipped: boolean;
  message: string | null;
}

/** `failure` and its like, whose text is the message. */
export interface Red {
  readonly kind: 'red';
  readonly said: string;
  text: string;
}

export interface Other {
  readonly kind: 'other';
}

export type Open = Suite | Case | Red | Other;

export const RED: ReadonlySet<string> = new Set(['failure', 'error', 'rerunFailure', 'rerunError']);
export const SKIP: ReadonlySet<string> = new Set(['skipped', 'skip', 'disabled', 'ignored', 'warning']);

/** Values of `status` or `result` (googletest, CTest, tst). Anything else says nothing; most writers omit both. */
const RED_WORDS = new Set(['failed', 'fail', 'failure', 'error', 'errored', 'broken', 'timeout', 'crashed']);
const SKIP_WORDS = new Set(['notrun', 'not run', 'skipped', 'skip', 'disabled', 'suppressed', 'ignored', 'pending']);

/** Kept of one message before it is cleaned and bounded; a system under test can print megabytes into one. */
export const RAW_MESSAGE_CHARS: number = 16_000;

function number(attributes: Attributes, names: readonly string[]): number | null {
  let sum: number | null = null;
  for (const name of names) {
    const value = attributes[name];
    if (value !== undefined && /^\d{1,9}$/.test(value.trim())) sum = (sum ?? 0) + Number(value);
  }
  return sum;
}

function declaredCounts(attributes: Attributes): UnnamedCounts | null {
  const total = number(attributes, ['tests']);
  const failed = number(attributes, ['failures', 'errors']) ?? 0;
  if (total === null && failed === 0) return null;
  const skipped = number(attributes, ['skipped', 'skips', 'disabled', 'ignored']) ?? 0;
  // Suites that failed to run are counted as errors, but not among the tests.
  return { executed: Math.max((total ?? 0) - skipped, failed), failed, skipped };
}

export function sum(a: UnnamedCounts | null, b: UnnamedCounts | null): UnnamedCounts | null {
  if (a === null || b === null) return a ?? b;
  return { executed: a.executed + b.executed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

function words(attributes: Attributes): readonly string[] {
  return [attributes['status'], attributes['result']].map((word) => (word ?? '').trim().toLowerCase());
}

export function openCase(attributes: Attributes): Case {
  const said = words(attributes);
  const off = attributes['disabled']?.trim().toLowerCase();
  return {
    kind: 'case',
    attributes,
    red: said.some((word) => RED_WORDS.has(word)),
    todo: false,
    skipped: said.some((word) => SKIP_WORDS.has(word)) || off === 'true' || off === 'disabled',
    message: null,
  };
}

export function statusOf(one: Case): TestStatus {
  if (one.todo) return 'skipped';
  if (one.red) return 'failed';
  return one.skipped ? 'skipped' : 'passed';
}

/** Whether a word of the path says already which file this is: `tests.test_sum.TestSum` names `tests/test_sum.py`. */
function namesFile(parts: readonly string[], file: string): boolean {
  const stem = placeless(file)
    .replace(/^.*[\\/]/, '')
    .replace(/\..*$/, '');
  return stem === '' || parts.some((part) => part.split(/[^\w-]+/).includes(stem));
}

export function pathOf(suites: readonly Suite[], attributes: Attributes): readonly string[] {
  const name = attributes['name'] ?? '';
  const parts = suites.map((suite) => placeless(suite.name)).filter((part) => part !== '');
  const owner = attributes['classname'] ?? attributes['class'] ?? '';
  // jest-junit repeats the name as class, surefire the suite.
  if (owner !== '' && owner !== name && !parts.includes(owner)) parts.push(placeless(owner));
  const file = attributes['file'] ?? suites.findLast((suite) => suite.file !== '')?.file ?? '';
  if (file !== '' && !namesFile(parts, file)) parts.unshift(placeless(file));
  return [...parts, name];
}

export function messageOf(red: Red): string {
  const text = red.text.trim();
  const said = red.said.trim();
  const whole = said === '' || text.includes(said) ? text : `${said}\n${text}`;
  return headOf(whole);
}

export function openSuite(attributes: Attributes, container: boolean): Suite {
  const name = container ? '' : (attributes['name'] ?? attributes['package'] ?? '');
  const file = attributes['file'] ?? attributes['filepath'] ?? '';
  return { kind: 'suite', name, file, declared: declaredCounts(attributes), within: null, reds: 0 };
}
