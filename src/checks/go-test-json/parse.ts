/**
 * `go test -json` to outcomes (format: `go doc test2json`): every test and subtest that ends, named by package and name.
 * - a test that begins and never ends (a panic, a time limit) failed;
 * - a package that fails without a failing test (it does not build, it exits by itself) is a failed test named like it;
 * - a package that begins and never ends was cut off: a doubt.
 */
import { headOf } from '../excerpt.ts';
import { textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { readJsonLines } from '../json-lines.ts';
import { readOutcomes, unreadable } from '../reading.ts';
import type { RawOutcome, Reading } from '../reading.ts';

const ENDS: Readonly<Record<string, RawOutcome['status']>> = { pass: 'passed', fail: 'failed', skip: 'skipped' };

/** Kept of the output of one test before it is cleaned and bounded. */
const OUTPUT_CHARS = 16_000;

interface Package {
  readonly outputs: Map<string, string>;
  readonly running: Set<string>;
  failures: number;
  ended: boolean;
}

interface State {
  readonly packages: Map<string, Package>;
  /** What the compiler said, by the name of the build. */
  readonly builds: Map<string, string>;
  readonly outcomes: RawOutcome[];
}

function packageOf(state: State, name: string): Package {
  const known = state.packages.get(name);
  if (known !== undefined) return known;
  const fresh: Package = { outputs: new Map(), running: new Set(), failures: 0, ended: false };
  state.packages.set(name, fresh);
  return fresh;
}

/** `=== RUN` and its like say nothing about a failure. */
function messageOf(owner: Package, test: string, build: string): string {
  return headOf(build + (owner.outputs.get(test) ?? '').replace(/^\s*=== .*\n?/gm, ''));
}

function fail(state: State, event: JsonObject, test: string): void {
  const name = textAt(event, 'Package');
  const owner = packageOf(state, name);
  owner.failures += 1;
  const build = test === '' ? (state.builds.get(textAt(event, 'FailedBuild')) ?? '') : '';
  state.outcomes.push({ path: [name, test], status: 'failed', message: messageOf(owner, test, build) });
}

function append(outputs: Map<string, string>, key: string, event: JsonObject): void {
  const output = outputs.get(key) ?? '';
  if (output.length < OUTPUT_CHARS) outputs.set(key, output + textAt(event, 'Output'));
}

function end(state: State, event: JsonObject, status: RawOutcome['status']): void {
  const name = textAt(event, 'Package');
  const test = textAt(event, 'Test');
  const owner = packageOf(state, name);
  if (test !== '') {
    owner.running.delete(test);
    if (status === 'failed') fail(state, event, test);
    else state.outcomes.push({ path: [name, test], status });
    owner.outputs.delete(test);
    return;
  }
  owner.ended = true;
  for (const unfinished of owner.running) fail(state, event, unfinished);
  owner.running.clear();
  if (status === 'failed' && owner.failures === 0) fail(state, event, '');
}

function read(state: State, event: JsonObject): void {
  const action = textAt(event, 'Action');
  if (action === 'build-output') append(state.builds, textAt(event, 'ImportPath'), event);
  const name = textAt(event, 'Package');
  const status = ENDS[action];
  if (action === '' || name === '') return;
  if (status !== undefined) {
    end(state, event, status);
    return;
  }
  const owner = packageOf(state, name);
  const test = textAt(event, 'Test');
  if (action === 'run') owner.running.add(test);
  if (action === 'output') append(owner.outputs, test, event);
}

export function readGoTest(bytes: Uint8Array): Reading {
  const lines = readJsonLines(bytes);
  if (lines.kind === 'unreadable') return lines;
  const state: State = { packages: new Map(), builds: new Map(), outcomes: [] };
  for (const event of lines.events) read(state, event);
  if (state.packages.size === 0) return unreadable('holds no event of go test');
  const open = [...state.packages].find(([, owner]) => !owner.ended);
  const cut = open === undefined ? null : `the package ${open[0]} never ends in it`;
  return readOutcomes(state.outcomes, cut ?? (lines.broken ? 'a line in it is cut or broken' : null));
}
