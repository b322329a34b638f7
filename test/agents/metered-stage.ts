/**
 * An agent the way a run has it: inside the sandbox, without a network, with the gateway as its one way out and the key of
 * the run as its key; and behind the gateway a model server that bills.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { STEP_DETECTORS } from '../../src/core/detectors/steps/index.ts';
import type { Limits } from '../../src/core/limit.ts';
import type { ModelRules } from '../../src/core/spend.ts';
import type { Brake } from '../../src/ports/gateway.ts';
import type { ProcessEnd } from '../../src/ports/sandbox.ts';
import type { RunStore } from '../../src/ports/store.ts';
import { createBubblewrapSandbox } from '../../src/sandboxes/bubblewrap/index.ts';
import { createMemoryStore } from '../../src/store/memory/index.ts';
import { openRoom, PRICES, systemLike } from '../support/gateway-room.ts';
import type { Room } from '../support/gateway-room.ts';
import type { FromCall } from '../support/model-server/behaviour.ts';
import type { BillingOptions } from '../support/model-server/billing.ts';
import type { Script } from '../support/model-server/script.ts';
import { makePlace, PROMPT, repair } from './agent.ts';
import type { Place } from './agent.ts';
import { MODULES } from './recipe.ts';
import type { Recipe } from './recipe.ts';

/** A name that no price book has; the policy of the stage says what it costs. */
export const MODEL = 'some-model';

/** Where a run shows its agent the repository, and where the sandbox has its HOME. */
const WORKSPACE = '/workspace';
const HOME = '/home/agent';

/** Name of the one provider; the agent's address ends in it. */
const PROVIDER = 'acme';

export interface MeteredEnd {
  readonly end: ProcessEnd;
  /** null where it was ended from outside. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly wallTimeMs: number;
  /** What the gateway says of the turn. */
  readonly brake: Brake | null;
  /** The gateway had to end the agent, because it did not leave by itself. */
  readonly ended: boolean;
}

export interface MeteredStage {
  readonly place: Place;
  readonly room: Room;
  /** Everything that was ever written into the store beside events, as it was given. */
  readonly blobs: readonly Uint8Array[];
  readonly run: (recipe: Recipe, how?: { readonly overSocket?: boolean }) => Promise<MeteredEnd>;
}

export interface MeteredOptions {
  /** Default: what repairs the repository. */
  readonly script?: Script;
  readonly billing?: Partial<BillingOptions>;
  readonly plan?: readonly FromCall[];
  readonly limits?: Partial<Limits>;
  readonly models?: Partial<ModelRules>;
  readonly model?: string;
}

/**
 * The gateway's patience with an agent that has to leave is so many times as long here: what is measured is what agents do by
 * themselves, also on a machine that is busy.
 */
const PATIENCE = 10;

/** Milliseconds until an agent is ended. The tests mean to see none of it. */
const DEADLINE_MS = 90_000;

function keepingBlobs(store: RunStore, blobs: Uint8Array[]): RunStore {
  return {
    ...store,
    putBlob: (bytes) => {
      blobs.push(bytes);
      return store.putBlob(bytes);
    },
    putBlobs: (several) => {
      blobs.push(...several);
      return store.putBlobs(several);
    },
  };
}

async function runInside(
  { place, room, model }: { readonly place: Place; readonly room: Room; readonly model: string },
  recipe: Recipe,
  overSocket: boolean,
): Promise<MeteredEnd> {
  const program = recipe.program();
  if (program === null) throw new Error(`${recipe.name} is not installed for ${process.platform} ${process.arch}`);
  const { env, forwards } = room.run.access;
  const socketPath = env['LOOPWRIGHT_GATEWAY_SOCKET'] ?? '';
  const url = `${env['LOOPWRIGHT_GATEWAY_URL'] ?? ''}/${PROVIDER}`;
  const launch = recipe.launch({ url, key: room.key, model, ...(overSocket ? { socketPath } : {}) }, PROMPT);
  for (const [path, text] of Object.entries(launch.files)) {
    mkdirSync(dirname(join(place.home, path)), { recursive: true });
    writeFileSync(join(place.home, path), text);
  }
  const node = dirname(process.execPath);
  const shown = [node, MODULES].map((path) => ({ kind: 'read-only' as const, source: path, target: path }));
  const sandbox = createBubblewrapSandbox({ hostEnvironment: { PATH: '/usr/local/bin:/usr/bin:/bin' } });
  const braked = new AbortController();
  const running = sandbox.launch(
    {
      argv: [...program, ...launch.argv],
      cwd: WORKSPACE,
      // The addresses that the gateway offers stay out: each recipe says itself where its agent looks.
      env: { PATH: `${node}:/usr/local/bin:/usr/bin:/bin`, ...launch.env },
      mounts: [
        ...shown,
        { kind: 'writable', source: place.home, target: HOME },
        { kind: 'writable', source: place.repository, target: WORKSPACE },
      ],
      stdin: null,
      limits: { wallTimeMs: DEADLINE_MS, idleMs: DEADLINE_MS, outputBytes: 'unlimited', keepBytes: 64_000_000 },
      forwards,
    },
    braked.signal,
  );
  const turn = room.run.beginTurn(1, { brake: () => braked.abort(), activity: () => running.sawLife() });
  const { end, stdout, stderr, wallTimeMs } = await running.finished;
  const brake = await turn.end();
  const [out, err] = [stdout, stderr].map((bytes) => Buffer.from(bytes).toString('utf8'));
  return {
    end,
    code: end.kind === 'exited' ? end.code : null,
    out: out ?? '',
    err: err ?? '',
    wallTimeMs,
    brake,
    ended: braked.signal.aborted,
  };
}

/** Sets everything up, plays, and takes it down again whatever came of it. Prices are `PRICES` unless `models` says other ones. */
export async function onMeteredStage(
  { script, billing = {}, plan = [], limits = {}, models = {}, model = MODEL }: MeteredOptions,
  play: (stage: MeteredStage) => Promise<void>,
): Promise<void> {
  const place = makePlace();
  const blobs: Uint8Array[] = [];
  const room = await openRoom({
    server: { script: script ?? repair({ ...place, repository: WORKSPACE }), billing, plan },
    store: keepingBlobs(createMemoryStore({ now: () => Date.now() }), blobs),
    clock: { sleep: (ms, signal) => systemLike.sleep(ms * PATIENCE, signal) },
    limits,
    models: { prices: { [MODEL]: PRICES }, ...models },
    // What is tried here is the ceiling: a script without an end is a spiral, and would be seen as one long before.
    request: { steps: Object.fromEntries(STEP_DETECTORS.map(({ id }) => [id, 'off'])) },
  });
  try {
    await play({
      place,
      room,
      blobs,
      run: (recipe, { overSocket = false } = {}) => runInside({ place, room, model }, recipe, overSocket),
    });
  } finally {
    await room.close();
    place.remove();
  }
}

/** Files below the directory that hold the text. */
function filesWith(directory: string, text: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

/** Where the text is, of all places the agent or a reader of the run can look into. */
export function whoHolds(text: string, { place, room, blobs }: MeteredStage, end: MeteredEnd): readonly string[] {
  const places: Readonly<Record<string, boolean>> = {
    home: filesWith(place.home, text).length > 0,
    workspace: filesWith(place.repository, text).length > 0,
    output: end.out.includes(text) || end.err.includes(text),
    events: JSON.stringify(room.events).includes(text),
    blobs: blobs.some((blob) => Buffer.from(blob).includes(text)),
  };
  return Object.keys(places).filter((name) => places[name]);
}
