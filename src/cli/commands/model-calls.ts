/** `loopwright log RUN --model-calls`: each model call of a run, and with `--full` what was sent and what came back. */
import type { ModelCall } from '../../core/model-event.ts';
import { totalTokens, usdOf } from '../../core/spend.ts';
import type { RunStore } from '../../ports/store.ts';
import { prose, visibleBlock } from '../../report/escape.ts';
import { callCost } from '../../report/spend-words.ts';
import { bytes, duration, integer } from '../../report/words.ts';
import { table, usableColumns } from '../present/columns.ts';
import type { Cell } from '../present/columns.ts';
import type { Page } from '../present/facts.ts';
import type { SelectedRun } from '../select-run.ts';
import type { Terminal } from '../terminal.ts';

function callsOf({ events }: SelectedRun): readonly ModelCall[] {
  return events.flatMap((event) => (event.type === 'model.called' ? [event] : []));
}

function row(call: ModelCall, index: number): readonly Cell[] {
  const { usage } = call;
  return [
    { text: String(index + 1) },
    { text: String(call.iteration) },
    { text: prose(call.model) },
    { text: call.status === null ? 'none' : String(call.status) },
    { text: integer(totalTokens(usage) - usage.outputTokens) },
    { text: integer(usage.outputTokens) },
    { text: callCost(call) },
    { text: duration(call.wallTimeMs) },
    { text: prose([...new Set(call.tools.map(({ name }) => name))].join(', ')) },
  ];
}

/** The exact bytes of both bodies. Rejects with `LW_BLOB_MISSING`. */
async function bodiesOf(store: RunStore, call: ModelCall): Promise<{ request: string; response: string }> {
  const { createRecording } = await import('../../gateway/recording/recording.ts');
  const request = await createRecording(store).rebuild(call.request);
  const response = await store.getBlob(call.response);
  return { request: Buffer.from(request).toString('utf8'), response: Buffer.from(response).toString('utf8') };
}

async function printJson(
  terminal: Terminal,
  store: RunStore,
  calls: readonly ModelCall[],
  full: boolean,
): Promise<void> {
  for (const call of calls) {
    const costUsd = usdOf(call.costNanoUsd);
    const bodies = full ? { bodies: await bodiesOf(store, call) } : {};
    terminal.out(JSON.stringify({ ...call, costUsd, ...bodies }));
  }
}

export async function printModelCalls(
  terminal: Terminal,
  page: Page,
  from: { readonly store: RunStore; readonly selected: SelectedRun },
  options: { readonly json: boolean; readonly full: boolean },
): Promise<void> {
  const { store, selected } = from;
  const calls = callsOf(selected);
  if (options.json) return printJson(terminal, store, calls, options.full);
  if (calls.length === 0) {
    terminal.out('No model call went through the gateway in this run.');
    return;
  }
  const columns = [
    { title: '#', align: 'right' },
    { title: 'it', align: 'right' },
    { title: 'model', flexible: true },
    { title: 'status', align: 'right' },
    { title: 'in', align: 'right' },
    { title: 'out', align: 'right' },
    { title: 'cost' },
    { title: 'took', align: 'right', optional: true },
    { title: 'tools', optional: true },
  ] as const;
  const layout = { columns: usableColumns(page.columns), heading: page.palette.bold };
  for (const line of table(columns, calls.map(row), layout)) terminal.out(line);
  if (!options.full) return;
  for (const [index, call] of calls.entries()) {
    const { request, response } = await bodiesOf(store, call);
    const sizes = `${bytes(call.requestBytes)} sent, ${bytes(call.responseBytes)} came back`;
    terminal.out(page.palette.bold(`\ncall ${index + 1}, ${prose(call.model)}: ${sizes}`));
    terminal.out(visibleBlock(request).replaceAll(/^/gm, '    > '));
    terminal.out(visibleBlock(response.trimEnd()).replaceAll(/^/gm, '    < '));
  }
}
