/**
 * What a model call pays for passing the gateway: time to the first byte of its answer, events a second over many streams at
 * once, and the gateway's memory. Vendor, gateway and forwarder are processes of their own; the client is this one.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { median, row, timed } from './measure.ts';
import type { Row } from './measure.ts';
import { prompts } from './recording.ts';
import { scratch } from './repository.ts';

const TARGET_MS = 3;
const FEW_EVENTS = 20;
const STREAMS = 200;
const MANY_EVENTS = 600;
/** Rounds of all streams, each way; one more before them to warm up. */
const ROUNDS = 2;
/** Around the deltas of an answer: two events before them and three after. */
const OTHER_EVENTS = 5;
const NEWLINE = 0x0a;
const LINES_PER_EVENT = 3;
const MB = 1_024 * 1_024;

interface Child {
  /** Next line it says. */
  next(): Promise<string>;
  tell(line: string): void;
  /** By closing what it reads; one that reads nothing has to be told by a signal. */
  end(signal?: 'SIGTERM'): Promise<void>;
}

function start(args: readonly string[]): Child {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    async next() {
      const { done, value } = await lines.next();
      if (done === true) throw new Error(`${args.at(0)} ended before it said anything`);
      return value;
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    end(signal) {
      child.stdin.end();
      if (signal !== undefined) child.kill(signal);
      return exited;
    },
  };
}

const VENDOR = fileURLToPath(new URL('model-vendor.ts', import.meta.url));
const SUPERVISOR = fileURLToPath(new URL('gateway-process.ts', import.meta.url));
const FORWARDER = fileURLToPath(new URL('../src/sandboxes/forwarder.ts', import.meta.url));

/** One way to the vendor, over connections that are kept as clients keep them. */
interface Way {
  readonly at: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  /** Before the path of a call with few, and with many events. */
  readonly few: string;
  readonly many: string;
  readonly key: string;
  readonly agent: Agent;
}

interface Asked {
  readonly firstByteMs: number;
  readonly events: number;
}

function ask(way: Way, prefix: string, body: Uint8Array): Promise<Asked> {
  const { at, agent, key } = way;
  const headers = { 'content-type': 'application/json', 'content-length': body.length, 'x-api-key': key };
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const asking = request({ ...at, agent, method: 'POST', path: `${prefix}/v1/messages`, headers }, (answer) => {
      let firstByteMs = Number.NaN;
      let lines = 0;
      answer.on('data', (bytes: Buffer) => {
        if (lines === 0) firstByteMs = performance.now() - started;
        for (let found = bytes.indexOf(NEWLINE); found >= 0; found = bytes.indexOf(NEWLINE, found + 1)) lines += 1;
      });
      answer.once('error', reject);
      answer.once('end', () => resolve({ firstByteMs, events: lines / LINES_PER_EVENT }));
    });
    asking.once('error', reject);
    asking.end(body);
  });
}

async function askAll(way: Way, prefix: string, expected: number, bodies: readonly Uint8Array[]): Promise<void> {
  const answers = await Promise.all(bodies.map((body) => ask(way, prefix, body)));
  const wrong = answers.find(({ events }) => events !== expected);
  if (wrong !== undefined) throw new Error(`an answer had ${wrong.events} events in place of ${expected}`);
}

async function firstBytes(ways: readonly Way[]): Promise<readonly number[]> {
  const samples = ways.map((): number[] => []);
  for (const [turn, body] of prompts().entries()) {
    for (const [index, way] of ways.entries()) {
      const { firstByteMs, events } = await ask(way, way.few, body);
      if (events !== FEW_EVENTS + OTHER_EVENTS) throw new Error(`an answer had ${events} events`);
      // The first few calls warm up everybody.
      if (turn >= 5) samples[index]?.push(firstByteMs);
    }
  }
  return samples.map(median);
}

/** Milliseconds all streams take together, each way. */
async function streaming(ways: readonly Way[]): Promise<readonly number[]> {
  const samples = ways.map((): number[] => []);
  const small = (stream: number): Uint8Array =>
    Buffer.from(JSON.stringify({ ...MESSAGE, messages: [{ role: 'user', content: `stream ${stream}` }] }));
  const bodies = Array.from({ length: STREAMS }, (_, stream) => small(stream));
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [index, way] of ways.entries()) {
      const ms = await timed(() => askAll(way, way.many, MANY_EVENTS + OTHER_EVENTS, bodies));
      if (round >= 0) samples[index]?.push(ms);
    }
  }
  return samples.map(median);
}

const MESSAGE = { model: 'claude-opus-4-8', max_tokens: 8_192, stream: true };

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

/** As the sandbox runs it, without a sandbox. */
function startForwarder(port: number, socket: string): Child {
  const source = readFileSync(FORWARDER, 'utf8');
  return start(['--input-type=module-typescript', '--eval', source, `${port}:${socket}`]);
}

function rows(first: readonly number[], all: readonly number[], memory: readonly string[]): readonly Row[] {
  const [direct = Number.NaN, socket = Number.NaN, forwarded = Number.NaN] = first;
  const [directAll = Number.NaN, socketAll = Number.NaN] = all;
  const rate = (ms: number): string =>
    `${Math.round((STREAMS * (MANY_EVENTS + OTHER_EVENTS)) / (ms / 1_000))} events/s`;
  const [before = 0, peak = 0, bodies = 0] = memory.map((bytes) => Number(bytes) / MB);
  const more = {
    baseline: ['direct', direct] as const,
    target: [TARGET_MS, `at most ${TARGET_MS} ms more`] as const,
    samples: prompts().length - 5,
  };
  return [
    row('gateway', 'first byte, 88 kB and growing, Unix socket', socket, more),
    row('gateway', 'first byte, the same through the forwarder', forwarded, more),
    row('gateway', `${STREAMS} streams of ${MANY_EVENTS} events at once`, socketAll, {
      baseline: ['direct', directAll],
      samples: ROUNDS,
      note: `${rate(socketAll)}, direct ${rate(directAll)}; memory +${(peak - bodies).toFixed(0)} MB at most (idle ${before.toFixed(0)} MB, ${bodies.toFixed(0)} MB after the calls before)`,
    }),
  ];
}

export async function gateway(): Promise<readonly Row[]> {
  const vendor = start([VENDOR]);
  const port = Number(await vendor.next());
  const url = (events: number): string => `http://127.0.0.1:${port}/${events}`;
  const pairs = [`few=${url(FEW_EVENTS)}`, `many=${url(MANY_EVENTS)}`];
  const supervisor = start([SUPERVISOR, join(scratch(), 'bench.db'), ...pairs]);
  const { socket, key } = JSON.parse(await supervisor.next()) as { readonly socket: string; readonly key: string };
  const inside = await freePort();
  const forwarder = startForwarder(inside, socket);
  await forwarder.next();
  const agent = new Agent({ keepAlive: true });
  const through = { few: '/few', many: '/many', key, agent };
  const ways: readonly Way[] = [
    { at: { host: '127.0.0.1', port }, few: `/${FEW_EVENTS}`, many: `/${MANY_EVENTS}`, key, agent },
    { at: { socketPath: socket }, ...through },
    { at: { host: '127.0.0.1', port: inside }, ...through },
  ];
  const memory = async (): Promise<string> => {
    supervisor.tell('memory');
    return supervisor.next();
  };
  const idle = await memory();
  const first = await firstBytes(ways);
  await memory();
  const afterCalls = await memory();
  const all = await streaming(ways.slice(0, 2));
  const peak = await memory();
  agent.destroy();
  await Promise.all([forwarder.end('SIGTERM'), supervisor.end(), vendor.end()]);
  return rows(first, all, [idle, peak, afterCalls]);
}
