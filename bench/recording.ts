/** What recording the prompts of a loop takes: fifty of them, growing as those of a coding agent do. */
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createRecording } from '../src/gateway/recording/recording.ts';
import { openSqliteStore } from '../src/store/sqlite/index.ts';
import { median, row, timed } from './measure.ts';
import type { Row } from './measure.ts';
import { scratch } from './repository.ts';

const CALLS = 50;
const RATIO_TARGET = 10;

/** Code of this repository, in pieces: what an agent reads and writes looks like it. */
function createReader(): (bytes: number) => string {
  const all = globSync('src/**/*.ts')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  let at = 0;
  return (bytes) => {
    const start = at % (all.length - bytes);
    at += bytes;
    return all.slice(start, start + bytes);
  };
}

/** The first is about 88 kB; each turn adds 2 to 8 kB, the cache mark moves to the last message, and tools come last. */
export function prompts(): readonly Uint8Array[] {
  const read = createReader();
  const system = [{ type: 'text', text: read(14_000), cache_control: { type: 'ephemeral' } }];
  const tools = Array.from({ length: 20 }, (_, at) => ({
    name: `tool${at}`,
    description: read(2_600),
    input_schema: { type: 'object', properties: { path: { type: 'string', description: read(200) } } },
  }));
  const messages: { role: string; content: Record<string, unknown>[] }[] = [];
  return Array.from({ length: CALLS }, (_, turn) => {
    const id = `toolu_${turn}`;
    if (turn > 0) {
      const use = { type: 'tool_use', id, name: 'tool1', input: { path: read(40), text: read((turn * 311) % 900) } };
      messages.push({ role: 'assistant', content: [{ type: 'text', text: read(400) }, use] });
    }
    const result = {
      type: 'tool_result',
      tool_use_id: id,
      content: [{ type: 'text', text: read(1_200 + ((turn * 977) % 5_500)) }],
    };
    messages.push({ role: 'user', content: turn === 0 ? [{ type: 'text', text: read(9_000) }] : [result] });
    const marked = messages.map(({ role, content }, at) =>
      at === messages.length - 1
        ? { role, content: content.map((part) => ({ ...part, cache_control: { type: 'ephemeral' } })) }
        : { role, content },
    );
    return Buffer.from(JSON.stringify({ model: 'claude-opus-4-8', messages: marked, system, tools, stream: true }));
  });
}

async function keep(
  bodies: readonly Uint8Array[],
  how: 'recording' | 'whole',
): Promise<{ readonly ms: number; readonly bytes: number }> {
  const file = join(scratch(), 'bench.db');
  const store = await openSqliteStore({ file, now: Date.now });
  const emptyBytes = statSync(file).size;
  const recording = createRecording(store);
  const samples: number[] = [];
  for (const body of bodies)
    samples.push(await timed(() => (how === 'whole' ? store.putBlob(body) : recording.record(body))));
  await store.close();
  return { ms: median(samples), bytes: statSync(file).size - emptyBytes };
}

export async function recording(): Promise<readonly Row[]> {
  const bodies = prompts();
  const rawBytes = bodies.reduce((sum, { length }) => sum + length, 0);
  const whole = await keep(bodies, 'whole');
  const pieces = await keep(bodies, 'recording');
  const share = (bytes: number): string =>
    `1/${(rawBytes / bytes).toFixed(1)} of ${(rawBytes / 1e6).toFixed(1)} MB raw`;
  return [
    row('recording', `a prompt whole: ${share(whole.bytes)}`, whole.ms, { samples: CALLS }),
    {
      ...row('recording', `a prompt in pieces: ${share(pieces.bytes)}`, pieces.ms, {
        baseline: ['whole', whole.ms],
        samples: CALLS,
      }),
      // Milliseconds are not what this target is about.
      targetMs: 0,
      targetWords: `a tenth of raw, recipes and rows of the store included`,
      met: pieces.bytes * RATIO_TARGET <= rawBytes,
    },
  ];
}
