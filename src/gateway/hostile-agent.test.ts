/** An agent that does not keep to the rules, and a ledger or a log that does not work: nothing is free, nothing hangs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { inTurn, message, openRoom, REAL_KEY } from '../../test/support/gateway-room.ts';
import type { Room, RoomOptions } from '../../test/support/gateway-room.ts';
import { rawClient } from '../../test/support/raw-client.ts';
import { startVendor, streamBegin } from '../../test/support/vendor.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import { usdOf } from '../core/spend.ts';
import type { Amount } from '../ports/ledger.ts';
import type { RunStore } from '../ports/store.ts';
import { createMemoryStore } from '../store/memory/index.ts';
import { openSqliteStore } from '../store/sqlite/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'loopwright-hostile-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function socketOf({ run }: Room): string {
  return run.access.env['LOOPWRIGHT_GATEWAY_SOCKET'] ?? '';
}

async function booksOf(room: Room): Promise<{ readonly spent: Amount; readonly held: Amount }> {
  const scope = { kind: 'run', key: `run:${room.lease.runId}`, nanoUsd: 'unlimited', tokens: 'unlimited' } as const;
  const [balance] = await room.store.ledger.balances([scope]);
  if (balance === undefined) throw new Error('the ledger gives no balance');
  return balance;
}

const NOTHING: Amount = { nanoUsd: 0, tokens: 0 };

/** A request with half of its body. */
function halfOf(key: string): string {
  const head = ['POST /v1/messages HTTP/1.1', 'host: gateway', `x-api-key: ${key}`, 'content-length: 1000', '', ''];
  return `${head.join('\r\n')}{"model": "ac`;
}

describe('an agent', () => {
  it('that leaves in the middle of an answer is charged all that was held', async () => {
    // Begins and never ends.
    const vendor = await startVendor((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(streamBegin('a word'));
    });
    const key = { kind: 'env', name: 'ACME_KEY' } as const;
    const dialects = ['anthropic-messages'] as const;
    const providers: RoomOptions['providers'] = () => [
      { name: 'acme', dialects, url: vendor.url, priceProvider: null, key },
    ];
    await inTurn({ providers }, async (room) => {
      const leaving = new AbortController();
      const asked = room.ask(message(), { signal: leaving.signal, until: () => leaving.abort() });
      await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
      await vendor.left;
      expect(await room.endTurn()).toBe(null);
      const [call] = room.calls();
      expect(call).toMatchObject({ end: 'agent-left', basis: 'estimated', costNanoUsd: call?.heldNanoUsd });
      expect(call?.costNanoUsd).toBeGreaterThan(0);
      expect((await booksOf(room)).held).toEqual(NOTHING);
    });
    await vendor.close();
  });

  it('that leaves in the middle of its request ends nothing but that request', async () => {
    await inTurn({}, async (room) => {
      const { socket, closed } = await rawClient(socketOf(room), halfOf(room.key));
      socket.destroy();
      await closed;
      expect((await room.ask(message())).status).toBe(200);
      expect(await room.endTurn()).toBe(null);
      expect(room.server.calls().length).toBe(1);
      expect(room.brakes).toEqual([]);
    });
  });

  it('that sends half a request and waits does not keep a turn from ending', async () => {
    await inTurn({}, async (room) => {
      const { closed } = await rawClient(socketOf(room), halfOf(room.key));
      expect((await room.ask(message())).status).toBe(200);
      expect(await room.endTurn()).toBe(null);
      await closed;
      expect(room.server.calls().length).toBe(1);
    });
  });

  it.each([
    ['half a head', (): string => 'POST /v1/messages HTTP/1.1\r\nhost: gate'],
    ['half a body', (key: string): string => halfOf(key)],
  ])('that sends %s and waits is put out after a while', async (_what, bytes) => {
    await inTurn({ patience: { headMs: 40, wholeMs: 60, lookMs: 10 } }, async (room) => {
      const { closed } = await rawClient(socketOf(room), bytes(room.key));
      await closed;
      expect(await room.endTurn()).toBe(null);
      expect(room.brakes).toEqual([]);
      expect(room.server.received).toEqual([]);
    });
  });

  it.each([
    ['a line break in a header', 'x-a: b\rx-evil: 1'],
    ['a header folded over lines', 'x-a: b\r\n x-evil: 1'],
    ['two lengths', 'content-length: 2\r\ncontent-length: 3'],
    ['a length and chunks', 'content-length: 2\r\ntransfer-encoding: chunked'],
    ['a zero byte', 'x-a: b\0c'],
    ['a name with a blank', 'x evil: 1'],
  ])('cannot slip in a header by %s', async (_how, line) => {
    await inTurn({}, async (room) => {
      const head = ['POST /v1/messages HTTP/1.1', 'host: gateway', `x-api-key: ${room.key}`, line, 'connection: close'];
      const { closed } = await rawClient(socketOf(room), `${head.join('\r\n')}\r\n\r\n{}`);
      expect(await closed).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(room.server.received).toEqual([]);
      expect(await room.endTurn()).toBe(null);
    });
  });

  it('cannot send a second key, a cookie or what is for one connection only', async () => {
    await inTurn({}, async ({ ask, server }) => {
      const answers = await Promise.all(
        [
          { cookie: 'session=other', 'x-goog-api-key': 'other', 'api-key': 'other' },
          { connection: 'x-named', 'x-named': 'for this connection only' },
          { host: 'elsewhere.invalid', 'proxy-authorization': 'Basic other' },
          { 'accept-encoding': 'gzip' },
        ].map((headers) => ask(message(), { headers: Object.fromEntries(Object.entries(headers)) })),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(server.keys()).toEqual(new Set([REAL_KEY]));
      for (const received of server.received) {
        expect(JSON.stringify(received.headers)).not.toMatch(/other|x-named|elsewhere|gzip/);
      }
    });
  });

  it.each([
    '//elsewhere.invalid/v1/messages',
    '/v1/messages/../../elsewhere',
    '/%76%31/messages',
    '/v1/messages%0d%0ax-evil:1',
    '/acme/../v1/messages',
    '/acme@elsewhere.invalid/v1/messages',
    '/v1beta/models/..%2f..%2fx:generateContent',
    '/v1beta/models/a%0d%0ab:generateContent',
  ])('cannot reach another path than those of its protocols: %s', async (path) => {
    await inTurn({}, async ({ ask, server }) => {
      expect((await ask(message(), { path })).status).toBeGreaterThanOrEqual(400);
      expect(server.received).toEqual([]);
    });
  });

  it('cannot use the key of another run', async () => {
    await inTurn({ runId: 'first' }, async (first) => {
      await inTurn({ runId: 'second' }, async (second) => {
        expect(first.key).not.toBe(second.key);
        expect((await second.ask(message(), { key: first.key })).status).toBeGreaterThanOrEqual(400);
        expect(second.refused().map(({ kind }) => kind)).toEqual(['key']);
        expect([...first.server.received, ...second.server.received]).toEqual([]);
      });
    });
  });

  it('is answered between no two turns, nor after the last, nor once the gateway is closed', async () => {
    const room = await openRoom();
    const stopped = async (): Promise<void> => {
      const { status, body } = await room.ask(message());
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body.toString()).toContain('no turn is under way');
    };
    await stopped();
    const turn = room.run.beginTurn(1, { brake: () => undefined, activity: () => undefined });
    expect((await room.ask(message())).status).toBe(200);
    await turn.end();
    await stopped();
    expect(room.server.received.length).toBe(1);
    await room.close();
    await expect(room.ask(message())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('that storms against refusals is ended, and does not flood the log', async () => {
    await inTurn({}, async ({ ask, brakes, refused, endTurn, server }) => {
      for (let count = 0; count < 50; count += 1) await ask('{}');
      expect(brakes.length).toBe(0);
      for (let count = 0; count < 50; count += 1) await ask('{}');
      expect(brakes.length).toBe(1);
      expect(refused().length).toBeLessThan(30);
      expect(await endTurn()).toMatchObject({ kind: 'storm' });
      expect(server.received).toEqual([]);
    });
  });

  it('is cut when its turn ends, and the call is settled before that has ended', async () => {
    const plan = [{ from: 1, behaviour: { kind: 'stall' as const, after: { events: 3 } } }];
    await inTurn({ server: { plan } }, async (room) => {
      const asked = room.ask(message());
      await room.server.called(1);
      expect(await room.endTurn()).toBe(null);
      const books = await booksOf(room);
      expect(books.held).toEqual(NOTHING);
      expect(books.spent.nanoUsd).toBeGreaterThan(0);
      expect(room.calls()).toMatchObject([{ end: 'stopped', basis: 'estimated', costNanoUsd: books.spent.nanoUsd }]);
      // Cut before or after the first bytes of an answer; never whole, and never left waiting.
      const whole = await asked.then(
        ({ broken }) => !broken,
        () => false,
      );
      expect(whole).toBe(false);
    });
  });
});

describe('two gateways on one store', () => {
  it('hold one ceiling of the day between them', async () => {
    const file = join(directory, 'shared.sqlite');
    const daily = { class: 'unlimited', repository: 'unlimited', all: 0.3 } as const;
    const server = { billing: { verbosity: 'limit' as const } };
    const stores = await Promise.all([0, 1].map(() => openSqliteStore({ file, now: () => Date.now() })));
    const rooms = await Promise.all(
      stores.map((store, index) => openRoom({ store, runId: `run${index}`, server, request: { daily } })),
    );
    const turns = rooms.map((room) => room.run.beginTurn(1, { brake: () => undefined, activity: () => undefined }));
    await Promise.all(
      rooms.flatMap((room) =>
        Array.from({ length: 12 }, async (_, index) => room.ask(message(`caller ${index}`, { max_tokens: 2_000 }))),
      ),
    );
    const brakes = await Promise.all(turns.map((turn) => turn.end()));
    expect(usdOf(rooms.reduce((sum, room) => sum + room.billed(), 0))).toBeLessThanOrEqual(0.3);
    expect(usdOf(rooms.reduce((sum, room) => sum + room.billed(), 0))).toBeGreaterThan(0.2);
    expect(brakes.some((brake) => brake?.kind === 'limit' && brake.breach.scope === 'day')).toBe(true);
    for (const room of rooms) expect((await booksOf(room)).held).toEqual(NOTHING);
    await Promise.all(rooms.map((room) => room.close()));
    await Promise.all(stores.map((store) => store.close()));
  });
});

function failing(code: ErrorCode): () => Promise<never> {
  return () => Promise.reject(new LoopwrightError(code, { message: 'so it is', next: 'Wait.' }));
}

function withLedger(change: Partial<RunStore['ledger']>): RunStore {
  const store = createMemoryStore({ now: () => Date.now() });
  return { ...store, ledger: { ...store.ledger, ...change } };
}

async function expectUnanswered(room: Room): Promise<void> {
  await expect(room.ask(message())).rejects.toMatchObject({ code: 'ECONNRESET' });
}

describe('a ledger that does not work', () => {
  it('because another process locks it: nothing is sent, and the turn ends with the reason', async () => {
    const file = join(directory, 'locked.sqlite');
    const store = await openSqliteStore({ file, now: () => Date.now(), busyTimeoutMs: 20 });
    const other = new DatabaseSync(file);
    await inTurn({ store }, async (room) => {
      other.exec('BEGIN EXCLUSIVE');
      await expectUnanswered(room);
      expect(room.brakes.length).toBe(1);
      await expect(room.endTurn()).rejects.toMatchObject({ code: 'LW_STORE_UNAVAILABLE' });
      other.exec('ROLLBACK');
      expect(room.server.received).toEqual([]);
      expect(await booksOf(room)).toMatchObject({ held: NOTHING, spent: NOTHING });
    });
    other.close();
    await store.close();
  });

  it('because the disk is full: nothing is sent', async () => {
    await inTurn({ store: withLedger({ hold: failing('LW_DISK_FULL') }) }, async (room) => {
      await expectUnanswered(room);
      await expect(room.endTurn()).rejects.toMatchObject({ code: 'LW_DISK_FULL' });
      expect(room.server.received).toEqual([]);
    });
  });

  it('when a call is to be settled: the agent has no whole answer, and the hold stays as spent', async () => {
    await inTurn({ store: withLedger({ settle: failing('LW_STORE_UNAVAILABLE') }) }, async (room) => {
      expect((await room.ask(message())).broken).toBe(true);
      await expect(room.endTurn()).rejects.toMatchObject({ code: 'LW_STORE_UNAVAILABLE' });
      expect((await booksOf(room)).held.nanoUsd).toBeGreaterThanOrEqual(room.billed());
      expect(room.billed()).toBeGreaterThan(0);
    });
  });

  it('because a newer leg has the run: nothing is sent', async () => {
    const store = createMemoryStore({ now: () => Date.now() });
    await inTurn({ store }, async (room) => {
      await store.claim(room.lease.runId, 'somebody else', 60_000, true);
      await expectUnanswered(room);
      await expect(room.endTurn()).rejects.toMatchObject({ code: 'LW_STORE_FENCED' });
      expect(room.server.received).toEqual([]);
    });
  });
});

describe('a log that does not work', () => {
  const record = failing('LW_DISK_FULL');

  it('leaves the agent without a whole answer and the call charged', async () => {
    await inTurn({ request: { record } }, async (room) => {
      expect((await room.ask(message())).broken).toBe(true);
      await expect(room.endTurn()).rejects.toMatchObject({ code: 'LW_DISK_FULL' });
      const { held, spent } = await booksOf(room);
      expect(held).toEqual(NOTHING);
      expect(spent.nanoUsd).toBe(room.billed());
    });
  });

  it('gives back what was held where nothing was sent yet', async () => {
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
    await inTurn({ request: { record } }, async (room) => {
      await expect(room.ask(message('x', { tools }))).rejects.toMatchObject({ code: 'ECONNRESET' });
      await expect(room.endTurn()).rejects.toMatchObject({ code: 'LW_DISK_FULL' });
      expect(await booksOf(room)).toMatchObject({ held: NOTHING, spent: NOTHING });
      expect(room.server.received).toEqual([]);
    });
  });

  it('lets no refusal out that is not written down', async () => {
    await inTurn({ request: { record } }, async (room) => {
      await expect(room.ask('{}')).rejects.toMatchObject({ code: 'ECONNRESET' });
      await expect(room.endTurn()).rejects.toMatchObject({ code: 'LW_DISK_FULL' });
    });
  });
});
