/**
 * Holding before a call, beside the way others keep a budget: read what is spent, compare, call, add. Both on SQLite in the
 * same mode. How many calls a second each lets through, and how far each ends over its ceiling.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Scope } from '../src/ports/ledger.ts';
import { openSqliteStore } from '../src/store/sqlite/index.ts';
import { median, row, timed } from './measure.ts';
import type { Row } from './measure.ts';
import { scratch } from './repository.ts';

const PROCESSES = 4;
const CALLERS = 16;
const ROUNDS = 2;
/** Milliseconds each round and way. */
const ROUND_MS = 1_000;
const CEILINGS = 200;
/** Ceilings in use at once, each with all its callers. */
const AT_ONCE = 10;
/** Milliseconds a process waits for the lock; SQLite's waiting is unfair. */
export const PATIENCE_MS = 30_000;

export function chainOf(runId: string, nanoUsd: number): readonly Scope[] {
  const keys = [`run:${runId}`, 'class:1:/repo:fix', 'repository:1:/repo', 'day:1'];
  return keys.map((key) => ({ kind: key.split(':')[0] as Scope['kind'], key, nanoUsd, tokens: 'unlimited' }));
}

export interface PeersBudget {
  spent(name: string): number;
  add(name: string, amount: number): void;
  close(): void;
}

export function openPeersBudget(file: string): PeersBudget {
  const database = new DatabaseSync(file, { timeout: PATIENCE_MS });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE IF NOT EXISTS budget (name TEXT PRIMARY KEY, spent INTEGER NOT NULL) STRICT');
  const read = database.prepare('SELECT spent FROM budget WHERE name = ?');
  const write = database.prepare(
    'INSERT INTO budget VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET spent = spent + excluded.spent',
  );
  return {
    spent: (name) => Number(read.get(name)?.['spent'] ?? 0),
    add: (name, amount) => void write.run(name, amount),
    close: () => database.close(),
  };
}

/** Calls a second over all processes. */
async function rateOf(way: 'ours' | 'peers', file: string, round: number): Promise<number> {
  const script = fileURLToPath(new URL('reservation-worker.ts', import.meta.url));
  const workers: { readonly go: () => void; readonly next: () => Promise<string> }[] = [];
  // One after the other until ready: the first makes the file.
  for (let index = 0; index < PROCESSES; index += 1) {
    const args = [script, way, file, `r${round}-${index}`, String(CALLERS), String(ROUND_MS)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    if ((await next()) !== 'ready') throw new Error(`a worker of ${way} did not start`);
    workers.push({ go: () => void child.stdin.write('go\n'), next });
  }
  let made = 0;
  const ms = await timed(async () => {
    for (const { go } of workers) go();
    for (const { next } of workers) made += Number(await next());
  });
  if (!(made > 0)) throw new Error(`the workers of ${way} made no call`);
  return made / (ms / 1_000);
}

interface Upstream {
  /** Nano-dollars really billed so far. */
  billed: number;
  /** Takes a while, bills at most `worst`, and says something: the truth, more, nonsense or nothing. Never less. */
  call(worst: number): Promise<number | null>;
}

function createUpstream(): Upstream {
  const upstream: Upstream = {
    billed: 0,
    async call(worst) {
      const bill = Math.ceil(Math.random() * worst);
      await sleep(Math.random() * 3);
      upstream.billed += bill;
      const said = [bill, bill * 10, Number.NaN, -bill, null];
      return said[Math.floor(Math.random() * said.length)] ?? null;
    },
  };
  return upstream;
}

type Act = (upstream: Upstream, name: string, ceiling: number) => Promise<void>;

async function overshoots(
  ceilings: readonly number[],
  act: Act,
): Promise<{ over: number[]; used: number; ms: number }> {
  const over: number[] = [];
  let used = 0;
  const one = async (ceiling: number, index: number): Promise<void> => {
    const upstream = createUpstream();
    await act(upstream, `c${index}`, ceiling);
    used += upstream.billed / ceiling / ceilings.length;
    if (upstream.billed > ceiling) over.push(upstream.billed / ceiling - 1);
  };
  const ms = await timed(async () => {
    for (let from = 0; from < ceilings.length; from += AT_ONCE) {
      await Promise.all(ceilings.slice(from, from + AT_ONCE).map((ceiling, index) => one(ceiling, from + index)));
    }
  });
  return { over, used, ms };
}

const WORST = 100;

function callers(act: (caller: number) => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: CALLERS }, (_, caller) => act(caller)));
}

async function ours(directory: string): Promise<{ act: Act; close: () => Promise<void> }> {
  const store = await openSqliteStore({ file: join(directory, 'over.sqlite'), now: () => Date.now() });
  const act: Act = async (upstream, name, ceiling) => {
    const lease = await store.create(name, '/repo', 'bench', 600_000);
    const scopes: readonly Scope[] = [{ kind: 'run', key: `run:${name}`, nanoUsd: ceiling, tokens: 'unlimited' }];
    await callers(async (caller) => {
      for (let count = 0; ; count += 1) {
        const callId = `${name}/${caller}/${count}`;
        const amount = { nanoUsd: Math.ceil(Math.random() * WORST), tokens: 0 };
        const answer = await store.ledger.hold({ callId, lease, scopes, amount, holdMs: 60_000 });
        if (answer.kind === 'refused' && answer.balance.held.nanoUsd === 0) return;
        if (answer.kind === 'refused') {
          await sleep(1);
          continue;
        }
        const said = await upstream.call(amount.nanoUsd);
        const metered = said !== null && Number.isSafeInteger(said) && said >= 0;
        const used = metered ? { nanoUsd: said, tokens: 0 } : amount;
        await store.ledger.settle({ callId, lease, amount: used, basis: metered ? 'metered' : 'estimated' });
      }
    });
  };
  return { act, close: () => store.close() };
}

function peers(directory: string): { act: Act; close: () => Promise<void> } {
  const budget = openPeersBudget(join(directory, 'peers.sqlite'));
  const act: Act = async (upstream, name, ceiling) => {
    await callers(async () => {
      while (budget.spent(name) < ceiling) {
        const said = await upstream.call(Math.ceil(Math.random() * WORST));
        // What cannot be added counts as nothing.
        if (said !== null && said > 0) budget.add(name, said);
      }
    });
  };
  return { act, close: async () => budget.close() };
}

async function overshootRows(directory: string): Promise<readonly Row[]> {
  const ceilings = Array.from({ length: CEILINGS }, () => WORST + Math.floor(Math.random() * WORST * 4));
  const rows: Row[] = [];
  for (const [name, way] of [
    ['holding first', await ours(directory)],
    ["the peers' way", peers(directory)],
  ] as const) {
    const { over, used, ms } = await overshoots(ceilings, way.act);
    await way.close();
    const worst = Math.round(Math.max(0, ...over) * 100);
    const note = `${over.length} of ${CEILINGS} ceilings passed, worst by ${worst} %, ${Math.round(used * 100)} % used`;
    const measured = row('reservations', `${name}, a ceiling shared by ${CALLERS}`, ms / CEILINGS, {
      samples: CEILINGS,
      note,
    });
    if (name === "the peers' way") rows.push(measured);
    else rows.push({ ...measured, targetMs: 0, targetWords: 'no ceiling passed', met: over.length === 0 });
  }
  return rows;
}

export async function reservations(): Promise<readonly Row[]> {
  const directory = scratch();
  const rates = { ours: [] as number[], peers: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of ['ours', 'peers'] as const) {
      rates[way].push(await rateOf(way, join(directory, `${way}.sqlite`), round));
    }
  }
  const rate = { ours: median(rates.ours), peers: median(rates.peers) };
  const words = `${PROCESSES * CALLERS} callers in ${PROCESSES} processes`;
  return [
    row('reservations', `hold and settle, ${words}`, 1_000 / rate.ours, {
      baseline: ["the peers' way", 1_000 / rate.peers],
      samples: ROUNDS,
      note: `${Math.round(rate.ours)} per second against ${Math.round(rate.peers)}`,
    }),
    ...(await overshootRows(directory)),
  ];
}
