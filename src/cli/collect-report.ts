/** Loads the blobs a report quotes, and renders it in one of the formats. */
import { LoopwrightError, isLoopwrightError } from '../core/errors.ts';
import type { RecordedEvent } from '../core/event.ts';
import type { RunState } from '../core/state.ts';
import type { Description } from '../engine/publication.ts';
import type { RunStore } from '../ports/store.ts';
import { buildReport } from '../report/report.ts';
import type { ReportModel } from '../report/report.ts';

/** What a report quotes of one payload. */
const MAX_QUOTED_BYTES = 512 * 1024;

function blobsOf(state: RunState): readonly string[] {
  const results = [...state.baseline, ...state.iterations.flatMap(({ checks }) => checks)];
  const turns = state.iterations.flatMap(({ turn, change, prompt }) => [
    prompt,
    ...(turn === null ? [] : [turn.output]),
    ...(change === null ? [] : [change.diff]),
  ]);
  return [...new Set([...results.map(({ output }) => output), ...turns])];
}

/** A payload that is gone leaves its place empty in the report; the report says so. */
async function loadBlobs(store: RunStore, state: RunState): Promise<ReadonlyMap<string, string>> {
  const loaded = new Map<string, string>();
  for (const hash of blobsOf(state)) {
    try {
      const bytes = await store.getBlob(hash);
      loaded.set(hash, Buffer.from(bytes.subarray(0, MAX_QUOTED_BYTES)).toString('utf8'));
    } catch (error) {
      if (!isLoopwrightError(error, 'LW_BLOB_MISSING')) throw error;
    }
  }
  return loaded;
}

export async function collectReport(
  store: RunStore,
  state: RunState,
  events: readonly RecordedEvent[],
  runId: string,
): Promise<ReportModel> {
  const blobs = await loadBlobs(store, state);
  const { brokenAt } = await store.verify(runId);
  return buildReport(state, {
    events: events.length,
    chainBrokenAt: brokenAt,
    blob: (hash) => blobs.get(hash) ?? null,
  });
}

/** What people read of a request on a forge. */
export async function describeRun(store: RunStore, state: RunState, wanted: Description): Promise<string> {
  const { describeRequest, DESCRIPTION_CHARACTERS } = await import('../report/description.ts');
  const { runId } = state;
  const model = await collectReport(store, state, await store.read(runId), runId);
  const characters = DESCRIPTION_CHARACTERS[wanted.forge] - wanted.marks;
  return describeRequest(model, { characters, signOff: wanted.signOff });
}

/** Throws `LW_USAGE` for an unknown format. */
export async function renderReport(model: ReportModel, format: string): Promise<string> {
  if (format === 'json') return JSON.stringify((await import('../report/json.ts')).renderJson(model));
  if (format === 'markdown' || format === 'md') return (await import('../report/markdown.ts')).renderMarkdown(model);
  if (format === 'html') return (await import('../report/html.ts')).renderHtml(model);
  if (format === 'request') {
    const { describeRequest, DESCRIPTION_CHARACTERS } = await import('../report/description.ts');
    return describeRequest(model, { characters: DESCRIPTION_CHARACTERS.github, signOff: false });
  }
  throw new LoopwrightError('LW_USAGE', {
    message: `there is no report format called "${format}"`,
    next: 'Use markdown, html, json or request.',
  });
}
