/** Commands that look at runs and change nothing: list, show, watch, log, report, and `diff` beside them. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { LoopwrightError } from '../../core/errors.ts';
import { foldRun } from '../../core/evolve.ts';
import { isThawed } from '../../core/fold-freeze.ts';
import type { RunState } from '../../core/state.ts';
import type { RunStore } from '../../ports/store.ts';
import type { Page } from '../present/facts.ts';
import type { Terminal } from '../terminal.ts';
import { createNarrator, exitCodeOfRun } from '../context.ts';
import type { CliContext } from '../context.ts';
import { findRun, selectRun } from '../select-run.ts';
import type { SelectedRun } from '../select-run.ts';
import { systemClock } from '../system.ts';
import { defineDiff } from './diff.ts';

/** How often `watch` looks for new events, milliseconds. */
const WATCH_MS = 200;

/** How words on standard output are laid out and coloured. */
async function outputPage(terminal: Terminal): Promise<Page> {
  const { createPalette } = await import('../present/palette.ts');
  return { palette: createPalette(terminal.outColours), columns: terminal.columns };
}

async function list(context: CliContext, options: { json?: boolean; all?: boolean }): Promise<void> {
  const { terminal } = context;
  const store = await context.composition().store();
  const summaries = (await store.list()).filter(({ lastSeq }) => lastSeq > 0);
  const shown = options.all === true || options.json === true ? summaries : summaries.slice(0, 30);
  const states = await Promise.all(
    shown.map(async ({ runId, live }) => ({ state: foldRun(await store.read(runId)), live })),
  );
  const { summarise } = await import('../../report/summary.ts');
  if (options.json === true) {
    terminal.out(JSON.stringify({ runs: states.map(({ state, live }) => ({ ...summarise(state), live })) }));
    return;
  }
  const { renderList } = await import('../present/list.ts');
  const page = await outputPage(terminal);
  const frozen = new Set((await store.freezes.list()).map(({ id }) => id));
  const runs = states.map((run) => ({ ...run, thawed: isThawed(run.state, frozen) }));
  for (const line of renderList(page, runs, systemClock.now())) terminal.out(line);
  if (shown.length < summaries.length) terminal.err(`${summaries.length - shown.length} older runs: --all`);
}

async function show(context: CliContext, wanted: string, options: { json?: boolean }): Promise<void> {
  const { terminal } = context;
  const { state, summary } = await selectRun(await context.composition().store(), wanted);
  if (options.json === true) {
    const { summarise } = await import('../../report/summary.ts');
    terminal.out(JSON.stringify({ ...summarise(state), live: summary.live }));
    return;
  }
  const { renderShow } = await import('../present/show.ts');
  const page = await outputPage(terminal);
  for (const line of renderShow(page, state, summary.live)) terminal.out(line);
}

/** Nobody holds the run and nothing more was said: whoever drove it has died, or was ended at once by a person. */
async function isAbandoned(store: RunStore, runId: string, next: number): Promise<boolean> {
  if ((await findRun(store, runId)).live) return false;
  return (await store.read(runId, next)).length === 0;
}

async function watch(context: CliContext, wanted: string, options: { json?: boolean }): Promise<void> {
  const store = await context.composition().store();
  const { runId } = await findRun(store, wanted);
  const narrator = await createNarrator(context.terminal, { json: options.json === true });
  let seen: RunState | null = null;
  let next = 1;
  // Whoever drives a run that waits for a person says so last of all.
  let letGo = false;
  try {
    for (;;) {
      for (const event of await store.read(runId, next)) {
        next = event.seq + 1;
        letGo = event.type === 'leg.ended';
        seen = seen === null ? foldRun([event]) : (await import('../../core/evolve.ts')).evolve(seen, event);
        narrator.listener(event, seen);
      }
      if (seen !== null && (letGo || seen.stop !== null)) break;
      if (seen !== null && (await isAbandoned(store, runId, next))) {
        context.terminal.err(`Nobody drives run ${runId}: its process ended. Next: loopwright resume ${runId}`);
        break;
      }
      await systemClock.sleep(WATCH_MS);
    }
  } finally {
    narrator.end();
  }
  context.setExitCode(exitCodeOfRun(seen));
}

interface LogOptions {
  readonly json?: boolean;
  readonly full?: boolean;
  readonly blob?: string;
  readonly modelCalls?: boolean;
}

async function printLog(context: CliContext, store: RunStore, selected: SelectedRun, full: boolean): Promise<void> {
  const { terminal } = context;
  const { renderLog } = await import('../present/log.ts');
  const { payloadsOf } = await import('../present/payloads.ts');
  const { visibleBlock } = await import('../../report/escape.ts');
  const page = await outputPage(terminal);
  if (!full) {
    for (const line of renderLog(page, selected.events)) terminal.out(line);
    return;
  }
  for (const event of selected.events) {
    for (const line of renderLog(page, [event]).slice(1)) terminal.out(line);
    for (const { label, hash } of payloadsOf(event)) {
      const text = Buffer.from(await store.getBlob(hash))
        .toString('utf8')
        .trimEnd();
      terminal.out(page.palette.dim(`    ${label}, blob ${hash.slice(0, 12)}${text === '' ? ': empty' : ''}`));
      if (text !== '') terminal.out(visibleBlock(text).replaceAll(/^/gm, '    | '));
    }
  }
}

async function log(context: CliContext, wanted: string, options: LogOptions): Promise<void> {
  const { terminal } = context;
  const store = await context.composition().store();
  const selected = await selectRun(store, wanted);
  if (options.blob !== undefined) return printBlob(context, store, selected, options.blob);
  const { brokenAt } = await store.verify(selected.summary.runId);
  if (options.modelCalls === true) {
    const { printModelCalls } = await import('./model-calls.ts');
    const shown = { json: options.json === true, full: options.full === true };
    await printModelCalls(terminal, await outputPage(terminal), { store, selected }, shown);
  } else if (options.json === true) for (const event of selected.events) terminal.out(JSON.stringify(event));
  else await printLog(context, store, selected, options.full === true);
  if (brokenAt !== null) {
    throw new LoopwrightError('LW_LOG_CONTRADICTION', {
      message: `the hash chain of run ${selected.summary.runId} is broken at event ${brokenAt}: somebody changed the record`,
      next: 'Do not trust this record. Compare it with a backup of the state directory.',
    });
  }
}

/** The exact bytes of a payload, for another program to read. */
async function printBlob(context: CliContext, store: RunStore, selected: SelectedRun, prefix: string): Promise<void> {
  const { payloadsOf } = await import('../present/payloads.ts');
  const hashes = new Set(selected.events.flatMap(payloadsOf).map(({ hash }) => hash));
  const [match, another] = [...hashes].filter((hash) => prefix !== '' && hash.startsWith(prefix));
  if (match === undefined || another !== undefined) {
    throw new LoopwrightError('LW_USAGE', {
      message: `${another === undefined ? 'no payload' : 'more than one payload'} of run ${selected.summary.runId} matches "${prefix}"`,
      next: 'See the blobs with `loopwright log RUN --full`.',
    });
  }
  context.terminal.out(
    Buffer.from(await store.getBlob(match))
      .toString('utf8')
      .replace(/\n$/, ''),
  );
}

interface ReportOptions {
  readonly json?: boolean;
  readonly format?: string;
  readonly output?: string;
}

async function report(context: CliContext, wanted: string, options: ReportOptions): Promise<void> {
  const { terminal } = context;
  const store = await context.composition().store();
  const { state, events, summary } = await selectRun(store, wanted);
  const format = options.json === true ? 'json' : (options.format ?? 'markdown');
  const { collectReport } = await import('../collect-report.ts');
  const model = await collectReport(store, state, events, summary.runId);
  const { renderReport } = await import('../collect-report.ts');
  const text = await renderReport(model, format);
  if (options.output === undefined) {
    terminal.out(text);
    return;
  }
  const path = resolve(terminal.cwd, options.output);
  await writeFile(path, text);
  terminal.err(`Wrote ${path}`);
}

/** Adds the commands to the program. */
export function defineRunViews(program: Command, context: CliContext): void {
  program
    .command('list')
    .summary('the runs, newest first')
    .option('--all', 'also the ones beyond the newest 30')
    .option('--json', 'one JSON object: { runs: [...] }')
    .action((options) => list(context, options));
  program
    .command('show')
    .summary('one run: what it did, what it cost, what is left to do')
    .argument('<run>', 'a unique prefix of its id, or last')
    .option('--json', 'one JSON object')
    .action((run, options) => show(context, run, options));
  program
    .command('watch')
    .summary('follow a run until it stops or waits')
    .argument('<run>', 'a unique prefix of its id, or last')
    .option('--json', 'one JSON event per line')
    .action((run, options) => watch(context, run, options));
  program
    .command('log')
    .summary('every event of a run; checks the hash chain')
    .argument('<run>', 'a unique prefix of its id, or last')
    .option('--full', 'also prompts, outputs and diffs, below their events')
    .option('--model-calls', 'its model calls instead; with --full what was sent and what came back')
    .option('--blob <hash>', 'print one of those payloads, exactly')
    .option('--json', 'one JSON event per line')
    .action((run, options) => log(context, run, options));
  defineDiff(program, context);
  program
    .command('report')
    .summary('the evidence bundle of a run')
    .argument('<run>', 'a unique prefix of its id, or last')
    .option('--format <name>', 'markdown, html, json, or request: the description of a request', 'markdown')
    .option('--output <file>', 'write it there instead of to standard output')
    .option('--json', 'the same as --format json')
    .addHelpText('after', '\nExample:\n  loopwright report last --format html --output run.html')
    .action((run, options) => report(context, run, options));
}
