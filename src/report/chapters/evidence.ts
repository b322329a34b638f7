/** Evidence: every check on the untouched base and on the change, test by test. */
import type { CheckResult, FailureNote } from '../../core/check.ts';
import { MAX_LISTED } from '../../core/check.ts';
import { badge, code, paragraph, say, strong } from '../document.ts';
import type { Block, Inline, Section, Words } from '../document.ts';
import { clip, excerpt, tail } from '../escape.ts';
import { conclusionTone, conclusionWord, countedWords } from '../phrases.ts';
import type { CheckEvidence, ReportModel } from '../report.ts';
import { count, duration, integer } from '../words.ts';

const MAX_TESTS = 50;
const MAX_NAME = 300;
const MAX_FAILURES = 20;
const MAX_OUTPUT_LINES = 60;
const MAX_OUTPUT_CHARS = 12_000;

function resultWords(result: CheckResult | null): Words {
  if (result === null) return ['not run'];
  const { conclusion } = result;
  return say`${badge(conclusionWord(conclusion), conclusionTone(conclusion))} ${countedWords(result)}, ${duration(result.wallTimeMs)}`;
}

type Moved = 'fixed' | 'newlyFailing' | 'missing' | 'newlySkipped';

const MOVES: readonly { readonly key: Moved; readonly words: string; readonly good: boolean }[] = [
  { key: 'newlyFailing', words: 'newly failing', good: false },
  { key: 'missing', words: 'ran on the base, missing now', good: false },
  { key: 'newlySkipped', words: 'ran on the base, skipped now', good: false },
  { key: 'fixed', words: 'fixed', good: true },
];

function movedSummary(check: CheckEvidence): Words {
  const { change, base } = check;
  if (change === null) return ['no change was checked'];
  if (change.tests === null || base === null) return ['cannot be compared: no test is known by name'];
  const found: readonly Inline[] = MOVES.filter(({ key }) => change[key].length > 0).map(({ key, words, good }) =>
    badge(`${integer(change[key].length)} ${words}`, good ? 'good' : 'bad'),
  );
  const still =
    check.stillFailing.length > 0 ? [badge(`${integer(check.stillFailing.length)} still failing`, 'wait')] : [];
  const all = [...found, ...still];
  return all.length === 0 ? ['no test moved'] : all.flatMap((one, index): Words => (index === 0 ? [one] : [' ', one]));
}

function overview(checks: readonly CheckEvidence[]): Block {
  return {
    kind: 'table',
    caption: 'Checks on the base and on the change',
    columns: [{ title: 'Check' }, { title: 'On the base' }, { title: 'On the change' }, { title: 'Against the base' }],
    rows: checks.map((check) => [
      [code(check.spec.id)],
      resultWords(check.base),
      resultWords(check.change),
      movedSummary(check),
    ]),
  };
}

/** A list of tests behind a line that says how many; the lists of a result are themselves bounded. */
function testList(tests: readonly string[], words: string): readonly Block[] {
  if (tests.length === 0) return [];
  const more = tests.length > MAX_TESTS ? [paragraph([`And ${integer(tests.length - MAX_TESTS)} more.`])] : [];
  const bounded = tests.length >= MAX_LISTED ? [paragraph([`The log lists at most ${MAX_LISTED} of them.`])] : [];
  return [
    {
      kind: 'details',
      summary: [`${count(tests.length, 'test')} ${words}`],
      blocks: [
        { kind: 'list', items: tests.slice(0, MAX_TESTS).map((test): Words => [code(clip(test, MAX_NAME))]) },
        ...more,
        ...bounded,
      ],
    },
  ];
}

function failureBlock({ test, message }: FailureNote): readonly Block[] {
  const { lines } = excerpt(message, 12, 400);
  const name = paragraph([code(clip(test, MAX_NAME))]);
  return lines.length === 0 ? [name] : [name, { kind: 'code', language: 'text', text: lines.join('\n') }];
}

function failures(result: CheckResult | null): readonly Block[] {
  if (result === null || result.failures.length === 0) return [];
  const shown = result.failures.slice(0, MAX_FAILURES);
  const blocks = shown.flatMap(failureBlock);
  return [{ kind: 'details', summary: [`Messages of ${count(shown.length, 'failure')}`], blocks }];
}

function outputBlocks(output: string | null): readonly Block[] {
  if (output === null) return [];
  const { lines, cutLines } = tail(output, MAX_OUTPUT_LINES, MAX_OUTPUT_CHARS);
  if (lines.length === 0) return [];
  const cut = cutLines > 0 ? ` (${count(cutLines, 'line')} before it left out)` : '';
  return [
    {
      kind: 'details',
      summary: [`End of the output${cut}`],
      blocks: [{ kind: 'code', language: 'text', text: lines.join('\n') }],
    },
  ];
}

function flakyWords(repeats: number): string {
  return `known to be flaky: their outcome differed among ${repeats} executions on the base`;
}

function checkBlocks(check: CheckEvidence): readonly Block[] {
  const newest = check.change ?? check.base;
  if (newest === null) return [];
  const details = [
    ...(check.change === null ? [] : MOVES.flatMap(({ key, words }) => testList(check.change?.[key] ?? [], words))),
    ...testList(check.stillFailing, 'failing on the base and on the change'),
    ...testList(check.change?.passedOnce ?? [], 'passed once on the change and not again'),
    ...testList(check.base?.flaky ?? [], flakyWords(check.base?.repeats ?? 1)),
    ...failures(newest),
    ...outputBlocks(check.output),
  ];
  return [paragraph(say`${strong('Check')} ${code(check.spec.id)}: ${newest.summary}`), ...details];
}

function about({ judged, checks, sandbox }: ReportModel): Words {
  if (judged === null) return ['Only the untouched base was checked; no change was judged.'];
  if (checks.every(({ change }) => change === null)) {
    return [`No check ran on the change of iteration ${judged}: it could not have been accepted whatever they said.`];
  }
  const where = sandbox.confines ? ', in a fresh sandbox' : ', with nothing to confine them';
  return [
    `Loopwright ran the checks itself, on a fresh checkout of the change of iteration ${judged}${where}, with the base's copies of protected files.`,
  ];
}

export function evidenceChapter(model: ReportModel): Section {
  return {
    id: 'evidence',
    title: 'Evidence',
    blocks: [paragraph(about(model)), overview(model.checks), ...model.checks.flatMap(checkBlocks)],
  };
}
