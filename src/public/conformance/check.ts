/** What every check format must hold, whatever it reads. Run it over a format of your own with your test framework. */
import type { Interpretation } from '../../core/check.ts';
import type { CheckEvidence, CheckFormat } from '../../ports/check.ts';
import type { ProcessEnd } from '../../ports/sandbox.ts';
import type { TestHarness } from './harness.ts';

export interface CheckFormatSubject {
  readonly name: string;
  load(): Promise<CheckFormat>;
  /** A report in this format whose tests all pass, at least two of them. null for a format that reads no report. */
  readonly greenReport: string | null;
  /** The same with a failing test. */
  readonly redReport: string | null;
}

/** Ceilings of one interpretation: 2,000 characters of message, 400 of each part of a name, a sentence of summary. */
const MESSAGE_CHARS = 2_500;
const SUMMARY_CHARS = 1_000;

const GREEN_EXIT: ProcessEnd = { kind: 'exited', code: 0 };

/** Every way a process can end other than by exiting with 0. */
const BAD_ENDS: readonly ProcessEnd[] = [
  { kind: 'exited', code: 1 },
  { kind: 'exited', code: 126 },
  { kind: 'exited', code: 127 },
  { kind: 'exited', code: 137 },
  { kind: 'signalled', signal: 'SIGKILL' },
  { kind: 'wall-time' },
  { kind: 'idle' },
  { kind: 'resource', resource: 'memoryBytes', value: 2, ceiling: 1 },
  { kind: 'output-limit' },
  { kind: 'cancelled' },
  { kind: 'not-found', detail: 'no such file or directory' },
];

interface Given {
  readonly bytes: Uint8Array;
  readonly end?: ProcessEnd;
  /** Where the report comes from. Default: a file. */
  readonly from?: 'file' | 'stream';
  readonly truncated?: boolean;
}

function evidenceOf(format: CheckFormat, given: Given): CheckEvidence {
  const fromFile = (given.from ?? 'file') === 'file';
  const truncated = given.truncated ?? false;
  const nothing = new Uint8Array();
  return {
    spec: {
      id: 'conformance',
      run: 'run-tests',
      report: format.id,
      reportFile: fromFile ? 'report' : null,
      timeoutMs: 60_000,
    },
    end: given.end ?? GREEN_EXIT,
    stdout: fromFile ? nothing : given.bytes,
    stderr: nothing,
    stdoutTruncated: !fromFile && truncated,
    artefacts: fromFile ? [{ path: 'report', bytes: given.bytes, truncated }] : [],
  };
}

/** Deterministic bytes (mulberry32), so that a failure can be repeated from its seed. */
function randomBytes(seed: number, length: number): Uint8Array {
  let state = seed >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 0xff;
  });
}

/** Overwrites some bytes: what is left looks enough like a report to reach deep into a parser. */
function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const noise = randomBytes(seed, 24);
  const copy = Uint8Array.from(bytes);
  for (let at = 0; at < noise.length; at += 3) {
    const place = ((noise[at] ?? 0) * 256 + (noise[at + 1] ?? 0)) % Math.max(copy.length, 1);
    copy[place] = noise[at + 2] ?? 0;
  }
  return copy;
}

/** The first rule that the interpretation breaks, or null. */
function broken(interpretation: Interpretation): string | null {
  const { conclusion, counted, failed, skipped, tests, summary } = interpretation;
  if (summary.trim() === '' || summary.length > SUMMARY_CHARS || summary.includes('\n'))
    return 'summary is no sentence';
  if (![counted, failed, skipped].every((count) => Number.isSafeInteger(count) && count >= 0))
    return 'a count is no count';
  if (failed > counted) return 'more failed than counted';
  if (conclusion === 'success' && counted === 0) return 'success without counting anything';
  if (conclusion === 'success' && failed > 0) return 'success with failures';
  if (new Set(tests.map((test) => test.id)).size !== tests.length) return 'two tests share an id';
  if (tests.some((test) => test.id === '' || !test.id.isWellFormed())) return 'an id is empty or no valid text';
  if (tests.some((test) => (test.message ?? '').length > MESSAGE_CHARS)) return 'a message is unbounded';
  const texts = [summary, ...tests.flatMap((test) => [test.id, test.message ?? ''])];
  if (texts.some((text) => /[\u0000-\u0008\u000B-\u001F\u007F]/.test(text))) return 'control characters are shown';
  return texts.every((text) => text.isWellFormed()) ? null : 'text is no valid text';
}

function describeAnyBytes(subject: CheckFormatSubject, { it, expect }: TestHarness): void {
  const encoder = new TextEncoder();
  const samples = [subject.greenReport, subject.redReport].filter((report) => report !== null);

  it('keeps to the contract on random bytes, from a file and from a stream', async () => {
    const format = await subject.load();
    for (let seed = 1; seed <= 60; seed += 1) {
      for (const from of ['file', 'stream'] as const) {
        const bytes = randomBytes(seed, seed * 17);
        expect(broken(format.interpret(evidenceOf(format, { bytes, from }))), `seed ${seed}`).toBe(null);
      }
    }
  });

  it('keeps to the contract on damaged reports', async () => {
    const format = await subject.load();
    for (const sample of samples) {
      for (let seed = 1; seed <= 150; seed += 1) {
        const bytes = damaged(encoder.encode(sample), seed);
        expect(broken(format.interpret(evidenceOf(format, { bytes }))), `seed ${seed}`).toBe(null);
      }
    }
  });

  it('gives the same answer twice and leaves its evidence alone', async () => {
    const format = await subject.load();
    for (const sample of [...samples, 'nothing to read']) {
      const bytes = encoder.encode(sample);
      const evidence = evidenceOf(format, { bytes });
      const first = format.interpret(evidence);
      expect(format.interpret(evidence)).toEqual(first);
      expect((await subject.load()).interpret(evidence)).toEqual(first);
      expect(new TextDecoder().decode(bytes)).toBe(sample);
    }
  });
}

function describeEnds(subject: CheckFormatSubject, { it, expect }: TestHarness): void {
  it('is never a success when the command did not exit with 0', async () => {
    const format = await subject.load();
    const bytes = new TextEncoder().encode(subject.greenReport ?? '');
    for (const end of BAD_ENDS) {
      for (const from of ['file', 'stream'] as const) {
        const interpretation = format.interpret(evidenceOf(format, { bytes, end, from }));
        expect(interpretation.conclusion === 'success', JSON.stringify(end)).toBe(false);
        expect(broken(interpretation), JSON.stringify(end)).toBe(null);
      }
    }
  });

  it('is unrunnable when the program does not exist, and timed out when the time was up', async () => {
    const format = await subject.load();
    const bytes = new Uint8Array();
    const conclude = (end: ProcessEnd): string => format.interpret(evidenceOf(format, { bytes, end })).conclusion;
    expect(conclude({ kind: 'not-found', detail: 'enoent' })).toBe('unrunnable');
    expect(conclude({ kind: 'exited', code: 127 })).toBe('unrunnable');
    expect(conclude({ kind: 'wall-time' })).toBe('timed_out');
  });
}

interface Reports {
  readonly green: Uint8Array;
  readonly red: Uint8Array;
}

function describeReports(subject: CheckFormatSubject, { green, red }: Reports, { it, expect }: TestHarness): void {
  it('is a success for the green report and a failure for the red one, from a file and from a stream', async () => {
    const format = await subject.load();
    for (const from of ['file', 'stream'] as const) {
      const passing = format.interpret(evidenceOf(format, { bytes: green, from }));
      expect(passing.conclusion).toBe('success');
      expect(passing.counted >= 2).toBe(true);
      const failing = format.interpret(evidenceOf(format, { bytes: red, from, end: { kind: 'exited', code: 1 } }));
      expect(failing.conclusion).toBe('failure');
      expect(failing.tests.some((test) => test.status === 'failed')).toBe(true);
    }
  });

  it('is never a success for a red report, also when the command exits with 0', async () => {
    const format = await subject.load();
    expect(format.interpret(evidenceOf(format, { bytes: red })).conclusion).toBe('failure');
  });

  it('is never a success without a report, with an empty one, or with one that was cut', async () => {
    const format = await subject.load();
    const absent = { ...evidenceOf(format, { bytes: green }), artefacts: [] };
    expect(format.interpret(absent).conclusion).toBe('inconclusive');
    for (const from of ['file', 'stream'] as const) {
      const given = [{ bytes: new Uint8Array() }, { bytes: green, truncated: true }];
      for (const one of given) {
        const interpretation = format.interpret(evidenceOf(format, { ...one, from }));
        expect(interpretation.conclusion, JSON.stringify(one.truncated ?? 'empty')).toBe('inconclusive');
      }
    }
  });

  it('never takes the beginning of a report for all of it', async () => {
    const format = await subject.load();
    const whole = format.interpret(evidenceOf(format, { bytes: green })).counted;
    for (let length = 0; length < green.length; length += 1) {
      const beginning = format.interpret(evidenceOf(format, { bytes: green.subarray(0, length) }));
      const lost = beginning.conclusion === 'success' && beginning.counted < whole;
      expect(lost, `the first ${length} of ${green.length} bytes`).toBe(false);
    }
  });
}

/** Registers the suite. Every registered format of loopwright runs it; a plugin should too. */
export function checkFormatConformance(harness: TestHarness, subject: CheckFormatSubject): void {
  const { greenReport, redReport } = subject;
  harness.describe(`check format ${subject.name} keeps the contract`, () => {
    describeAnyBytes(subject, harness);
    describeEnds(subject, harness);
    if (greenReport === null || redReport === null) return;
    const encoder = new TextEncoder();
    describeReports(subject, { green: encoder.encode(greenReport), red: encoder.encode(redReport) }, harness);
  });
}
