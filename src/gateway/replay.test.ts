import { describe, expect, it } from 'vitest';
import { inTurn, message } from '../../test/support/gateway-room.ts';
import type { ModelCall } from '../core/model-event.ts';
import { createMemoryStore } from '../store/memory/index.ts';
import { createReplay } from './replay.ts';

/** Two real calls, recorded. */
async function record(): Promise<{
  store: ReturnType<typeof createMemoryStore>;
  calls: readonly ModelCall[];
  bodies: Buffer[];
}> {
  const store = createMemoryStore({ now: () => Date.now() });
  const bodies: Buffer[] = [];
  let calls: readonly ModelCall[] = [];
  await inTurn({ store, runId: 'recorded' }, async (room) => {
    for (const stream of [true, false]) bodies.push((await room.ask(message('x', { stream }))).body);
    calls = room.calls();
  });
  return { store, calls, bodies };
}

describe('a recording', () => {
  it('answers again, byte for byte and in its order, without anybody being asked or paid', async () => {
    const { store, calls, bodies } = await record();
    const replay = { runId: 'recorded', calls };
    await inTurn({ store, runId: 'again', request: { replay } }, async (room) => {
      const answers = [await room.ask(message('y')), await room.ask(message('z', { stream: false }))];
      expect(answers.map(({ body }) => body)).toEqual(bodies);
      expect(answers.map(({ headers }) => headers['content-type'])).toEqual(['text/event-stream', 'application/json']);
      expect(room.server.received).toEqual([]);
      expect(room.calls().map(({ replayed }) => replayed)).toEqual([true, true]);
      const over = await room.ask(message());
      expect(over.status).toBeGreaterThanOrEqual(400);
      expect(over.body.toString()).toContain('the recording holds no further call');
      expect((await room.ask('{}', { path: '/v1/messages/count_tokens' })).status).toBeGreaterThanOrEqual(400);
      expect(room.server.received).toEqual([]);
    });
  });

  it('has the next call of each model and protocol, and none that was never answered', async () => {
    const { store, calls } = await record();
    const [first, second] = calls;
    if (first === undefined || second === undefined) throw new Error('nothing was recorded');
    const unanswered = { ...first, callId: 'unanswered', status: null };
    const other = { ...second, callId: 'other', model: 'other/model' };
    const replay = createReplay([unanswered, other, first], store);
    expect(await replay.next('openai-chat', first.model)).toBe(null);
    expect((await replay.next(first.dialect, first.model))?.call).toBe(first);
    expect(await replay.next(first.dialect, first.model)).toBe(null);
    expect((await replay.next(first.dialect, 'other/model'))?.call).toBe(other);
  });

  it('that has lost a blob rejects', async () => {
    const { calls } = await record();
    const replay = createReplay(calls, createMemoryStore({ now: () => Date.now() }));
    await expect(replay.next('anthropic-messages', calls[0]?.model ?? '')).rejects.toMatchObject({
      code: 'LW_BLOB_MISSING',
    });
  });
});
