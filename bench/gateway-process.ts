/**
 * A process of the suite `gateway`: the gateway of one run with a turn under way, over the store in a file as the product has
 * it. Says its socket and its key; for each line it reads, it says the most memory it had since the last one, bytes.
 *
 *     node bench/gateway-process.ts FILE NAME=URL...
 */
import { createInterface } from 'node:readline';
import { systemClock } from '../src/cli/system.ts';
import { createGateway } from '../src/gateway/index.ts';
import { createSecret } from '../src/gateway/keys/secret.ts';
import { STEP_DETECTORS } from '../src/core/detectors/steps/index.ts';
import { DEFAULT_LIMITS } from '../src/policy/classes.ts';
import { compileModelGlobs } from '../src/policy/model-globs.ts';
import { DEFAULT_MODELS } from '../src/policy/model-rules.ts';
import type { Provider } from '../src/ports/gateway.ts';
import { openSqliteStore } from '../src/store/sqlite/index.ts';

/** Milliseconds between two looks at the memory. */
const LOOK_MS = 50;
/** No call of the suite is refused for money; all of them are held and charged. */
const CEILING_USD = 100_000;

const [file = '', ...pairs] = process.argv.slice(2);
const providers = pairs.map((pair): Provider => {
  const [name = '', url = ''] = pair.split('=');
  return { name, dialects: ['anthropic-messages'], url, priceProvider: null, key: { kind: 'env', name: 'KEY' } };
});
const store = await openSqliteStore({ file, now: () => systemClock.now() });
const lease = await store.create('bench', '/repository', 'bench', 600_000);
const gateway = createGateway({
  store,
  clock: systemClock,
  providers: async () => providers,
  readKey: async () => createSecret('sk-bench-0123456789abcdef0123456789abcdef'),
  matches: compileModelGlobs,
});
const run = await gateway.open({
  lease,
  repository: '/repository',
  className: 'bench',
  models: DEFAULT_MODELS,
  daily: { class: CEILING_USD, repository: CEILING_USD, all: CEILING_USD },
  now: () => ({ limits: { ...DEFAULT_LIMITS, costUsd: CEILING_USD, tokens: 'unlimited' }, quotaAttempts: 0 }),
  record: async (events, references) => {
    const at = systemClock.now();
    await store.append(
      lease,
      events.map((event) => ({ event, at, activeMs: 0, references })),
    );
  },
  network: 'own',
  replay: null,
  // What is sent is the same again and again on purpose.
  steps: Object.fromEntries(STEP_DETECTORS.map(({ id }) => [id, 'off'])),
});
run.beginTurn(1, { brake: () => undefined, activity: () => undefined });

let most = 0;
const look = (): void => {
  most = Math.max(most, process.memoryUsage.rss());
};
setInterval(look, LOOK_MS);
const { env } = run.access;
console.log(JSON.stringify({ socket: env['LOOPWRIGHT_GATEWAY_SOCKET'], key: env['LOOPWRIGHT_GATEWAY_KEY'] }));
for await (const _line of createInterface({ input: process.stdin })) {
  look();
  console.log(String(most));
  most = 0;
}
await run.close();
await store.close();
process.exit();
