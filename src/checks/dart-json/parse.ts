/**
 * The JSON of Dart's test runner to outcomes (dart-lang/test, doc/json_reporter.md): every `testDone` that is not hidden,
 * named by the path of its suite and its name. Hidden are the loading of files and hooks, unless they fail.
 * A test that never ends, a missing `done`, and a `done` that is no success without a failure shown raise a doubt.
 */
import { headOf } from '../excerpt.ts';
import { readJsonLines } from '../json-lines.ts';
import { isCount, objectAt, textAt } from '../json-report.ts';
import type { JsonObject } from '../json-report.ts';
import { placeless, readOutcomes, unreadable } from '../reading.ts';
import type { RawOutcome, Reading } from '../reading.ts';

interface State {
  readonly suites: Map<number, string>;
  readonly running: Map<number, readonly string[]>;
  readonly errors: Map<number, string>;
  readonly outcomes: RawOutcome[];
  /** What the last event says; null while it has not come. */
  done: JsonObject | null;
}

function idAt(value: JsonObject, key: string): number {
  const id = value[key];
  return isCount(id) ? id : -1;
}

function end(state: State, event: JsonObject): void {
  const id = idAt(event, 'testID');
  const path = state.running.get(id);
  state.running.delete(id);
  if (path === undefined) return;
  const good = event['result'] === 'success';
  if (good && event['hidden'] === true) return;
  if (good) state.outcomes.push({ path, status: event['skipped'] === true ? 'skipped' : 'passed' });
  else state.outcomes.push({ path, status: 'failed', message: state.errors.get(id) ?? '' });
}

function read(state: State, event: JsonObject): void {
  const { suites, running, errors } = state;
  switch (textAt(event, 'type')) {
    case 'suite': {
      const suite = objectAt(event, 'suite');
      suites.set(idAt(suite, 'id'), placeless(textAt(suite, 'path')));
      return;
    }
    case 'testStart': {
      const test = objectAt(event, 'test');
      running.set(idAt(test, 'id'), [suites.get(idAt(test, 'suiteID')) ?? '', textAt(test, 'name')]);
      return;
    }
    case 'error': {
      const id = idAt(event, 'testID');
      const message = headOf(`${textAt(event, 'error')}\n${textAt(event, 'stackTrace')}`);
      if (!errors.has(id)) errors.set(id, message);
      return;
    }
    case 'testDone':
      end(state, event);
      return;
    case 'done':
      state.done = event;
      return;
    default:
  }
}

function doubtOf(state: State, broken: boolean): string | null {
  if (state.done === null) return 'it never says that the run is over';
  if (state.running.size > 0) return 'a test in it never ends';
  if (broken) return 'a line in it is cut or broken';
  const red = state.outcomes.some((outcome) => outcome.status === 'failed');
  return state.done['success'] === true || red ? null : 'the report says that the run was no success';
}

export function readDart(bytes: Uint8Array): Reading {
  const lines = readJsonLines(bytes);
  if (lines.kind === 'unreadable') return lines;
  if (!lines.events.some((event) => event['type'] === 'start' && 'protocolVersion' in event)) {
    return unreadable('holds no event of the test runner of Dart');
  }
  const state: State = { suites: new Map(), running: new Map(), errors: new Map(), outcomes: [], done: null };
  for (const event of lines.events) read(state, event);
  return readOutcomes(state.outcomes, doubtOf(state, lines.broken));
}
