/** The elements of a JUnit report as they open and close, folded into outcomes. Knows no XML. */
import { unreadable } from '../reading.ts';
import type { RawOutcome, Reading } from '../reading.ts';
import type { Attributes, XmlHandler } from '../xml-report.ts';
import { RAW_MESSAGE_CHARS, RED, SKIP, messageOf, openCase, openSuite, pathOf, statusOf, sum } from './elements.ts';
import type { Case, Open, Red, Suite } from './elements.ts';

interface State {
  readonly stack: Open[];
  readonly outcomes: RawOutcome[];
  root: Suite | null;
  contradiction: string | null;
}

function suitesOf(state: State): readonly Suite[] {
  return state.stack.filter((one) => one.kind === 'suite');
}

function countRed(state: State): void {
  for (const suite of suitesOf(state)) suite.reds += 1;
}

function elementOf(state: State, name: string, attributes: Attributes): Open {
  const parent = state.stack.at(-1);
  if (name === 'testsuites' || name === 'testsuite') return openSuite(attributes, name === 'testsuites');
  if (name === 'testcase') return openCase(attributes);
  if (parent === undefined || (parent.kind !== 'case' && parent.kind !== 'suite')) return { kind: 'other' };
  if (RED.has(name)) return { kind: 'red', said: attributes['message'] ?? attributes['type'] ?? '', text: '' };
  if (parent.kind === 'case' && SKIP.has(name)) {
    parent.skipped = true;
    if (attributes['type'] === 'todo') parent.todo = true;
  }
  return { kind: 'other' };
}

function closeRed(state: State, red: Red): void {
  countRed(state);
  const parent = state.stack.at(-1);
  const message = messageOf(red);
  if (parent?.kind === 'case') {
    parent.red = true;
    parent.message ??= message;
  } else {
    state.outcomes.push({ path: pathOf(suitesOf(state), {}), status: 'failed', message });
  }
}

function closeCase(state: State, one: Case): void {
  // A failure said only in an attribute; an element has been counted already.
  if (one.red && one.message === null) countRed(state);
  const status = statusOf(one);
  const path = pathOf(suitesOf(state), one.attributes);
  const message = status === 'failed' ? one.message : null;
  state.outcomes.push(message === null ? { path, status } : { path, status, message });
}

function closeSuite(state: State, suite: Suite): void {
  const failed = suite.declared?.failed ?? 0;
  if (failed > 0 && suite.reds === 0) state.contradiction ??= `a suite declares ${failed} failed and shows none`;
  const parent = suitesOf(state).at(-1);
  if (parent !== undefined) parent.within = sum(parent.within, suite.declared ?? suite.within);
}

function finish({ root, outcomes, contradiction }: State): Reading {
  if (root === null) return unreadable('is not a JUnit report: it has no root element');
  const claimed = root.declared ?? root.within;
  if (outcomes.length > 0 || claimed === null) return { kind: 'read', outcomes, unnamed: null, doubt: contradiction };
  const total = claimed.executed + claimed.skipped;
  const doubt = total === 0 ? null : `the report declares ${total} and names none`;
  return { kind: 'read', outcomes, unnamed: claimed, doubt };
}

export function junitDocument(): XmlHandler<Reading> {
  const state: State = { stack: [], outcomes: [], root: null, contradiction: null };
  return {
    open(name, attributes) {
      const opened = elementOf(state, name, attributes);
      if (state.root === null) {
        if (opened.kind !== 'suite') return `is not a JUnit report: its root element is <${name.slice(0, 40)}>`;
        state.root = opened;
      }
      state.stack.push(opened);
      return null;
    },
    text(part) {
      const red = state.stack.findLast((one) => one.kind !== 'other');
      if (red?.kind === 'red' && red.text.length < RAW_MESSAGE_CHARS) red.text += part.slice(0, RAW_MESSAGE_CHARS);
    },
    close() {
      const closed = state.stack.pop();
      if (closed?.kind === 'red') closeRed(state, closed);
      else if (closed?.kind === 'case') closeCase(state, closed);
      else if (closed?.kind === 'suite') closeSuite(state, closed);
    },
    finish: () => finish(state),
  };
}
