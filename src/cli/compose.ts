/**
 * The only composition root: here, and nowhere else, ports meet their adapters. Everything is loaded when it is first
 * needed, so that a command that needs little starts fast.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LoopwrightError } from '../core/errors.ts';
import type { Freeze } from '../core/freeze.ts';
import { FORGE_NAMES } from '../core/publish-event.ts';
import type { ResolvedPolicy, SandboxName } from '../core/policy.ts';
import { newestChange } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import type { FreezeReach, RuleAnswers } from '../engine/dependencies.ts';
import type { PublishDependencies } from '../engine/publication.ts';
import type { CloudHost } from '../drivers/cloud-agent.ts';
import type { SecondOpinion } from '../migrations/reader.ts';
import type { Driver } from '../ports/driver.ts';
import type { Egress } from '../ports/egress.ts';
import type { Forge } from '../ports/forge.ts';
import type { Gateway, Provider } from '../ports/gateway.ts';
import type { Sandbox } from '../ports/sandbox.ts';
import type { RunStore } from '../ports/store.ts';
import type { ContentReader, ContentReaderPlugin } from '../ports/content.ts';
import type { PathClassifier, Repositories, RiskReader, TreeGuard } from '../ports/workspace.ts';
import type { KeptSweep } from '../workspace/kept.ts';
import type { RemoteLogin } from '../workspace/remote.ts';
import { createApproverKeys } from './approver-keys.ts';
import type { ForgeAround, ForgeWanted } from './forge-access.ts';
import { stateHome } from './home.ts';
import { createSecrets } from './run-secrets.ts';
import { systemClock, systemIds } from './system.ts';
import type { VendorName } from './vendor-access.ts';
import { VERSION } from './version.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The engine's dependencies plus what the commands read repositories with. */
export interface Bench extends PublishDependencies {
  readonly repositories: Repositories;
}

export interface SweepRequest {
  /** Only says what would go. */
  readonly isTrial: boolean;
  /** Whether any run is going on. */
  readonly isBusy: boolean;
  /** Milliseconds since 1970. What was used after it stays. */
  readonly before: number;
}

export interface Composition {
  /** The state directory. */
  readonly home: string;
  store(): Promise<RunStore>;
  /** The engine over one sandbox backend. */
  bench(sandbox: SandboxName): Promise<Bench>;
  /** Deletes what the sandbox keeps and nobody needs any more. */
  sweepSandbox(request: SweepRequest): Promise<KeptSweep>;
  drivers(): Promise<readonly Driver[]>;
  /** As the host says. `problem`: why its key cannot be read; null where it can, or none is needed. */
  providers(): Promise<readonly { readonly provider: Provider; readonly problem: LoopwrightError | null }[]>;
  close(): Promise<void>;
}

const DRIVERS: Readonly<Record<string, (env: Environment) => Promise<Driver>>> = {
  claude: async (env) => (await import('../drivers/claude/index.ts')).createClaudeDriver(env),
  codex: async (env) => (await import('../drivers/codex/index.ts')).createCodexDriver(env),
  copilot: async (env) => (await import('../drivers/copilot/index.ts')).createCopilotDriver(env),
  cursor: async (env) => (await import('../drivers/cursor/index.ts')).createCursorDriver(env),
  gemini: async (env) => (await import('../drivers/gemini/index.ts')).createGeminiDriver(env),
  opencode: async (env) => (await import('../drivers/opencode/index.ts')).createOpencodeDriver(env),
  openhands: async (env) => (await import('../drivers/openhands/index.ts')).createOpenhandsDriver(env),
  pi: async (env) => (await import('../drivers/pi/index.ts')).createPiDriver(env, join(stateHome(env), 'agents')),
  qwen: async (env) => (await import('../drivers/qwen/index.ts')).createQwenDriver(env),
  'copilot-cloud': async (env) =>
    (await import('../drivers/copilot-cloud/index.ts')).createCopilotCloudDriver(await cloudHost(env, 'github')),
  'cursor-cloud': async (env) =>
    (await import('../drivers/cursor-cloud/index.ts')).createCursorCloudDriver(await cloudHost(env, 'cursor')),
  devin: async (env) => (await import('../drivers/devin/index.ts')).createDevinDriver(await cloudHost(env, 'devin')),
  acp: async (env) => (await import('../drivers/acp/index.ts')).createAcpDriver(env),
  command: async () => (await import('../drivers/command/index.ts')).createCommandDriver(),
  scripted: async () => (await import('../drivers/scripted/index.ts')).createScriptedDriver(),
};

async function cloudHost(env: Environment, vendor: VendorName): Promise<CloudHost> {
  const { forgeUrl, vendorAccess, VENDOR_PLACES } = await import('./vendor-access.ts');
  return { access: vendorAccess(env, VENDOR_PLACES[vendor]), forge: { url: forgeUrl(env) }, clock: systemClock };
}

/** The token of the forge that is at that address, and of no other. */
async function remoteLogin(env: Environment, origin: string): Promise<RemoteLogin | null> {
  const { forgePlace, forgeToken } = await import('./vendor-access.ts');
  for (const name of FORGE_NAMES) {
    if (new URL(forgePlace(env, name).url).origin !== origin) continue;
    const secret = await forgeToken(env, name);
    if (secret !== null) return { origin, secret };
  }
  return null;
}

async function loadForge(wanted: ForgeWanted, { env, remotes, signal }: ForgeAround): Promise<Forge> {
  const { forgeHost } = await import('./forge-access.ts');
  const { name, host } = await forgeHost(wanted, { env, remotes, signal });
  if (name === 'github') return (await import('../forges/github/index.ts')).createGithubForge(host);
  return (await import('../forges/gitlab/index.ts')).createGitlabForge(host);
}

async function loadDriver(id: string, env: Environment): Promise<Driver> {
  const load = Object.hasOwn(DRIVERS, id) ? DRIVERS[id] : undefined;
  if (load !== undefined) return load(env);
  throw new LoopwrightError('LW_AGENT_UNKNOWN', {
    message: `there is no agent called "${id}"; this loopwright knows ${Object.keys(DRIVERS).join(', ')}`,
    next: 'See `loopwright agents`; use `--agent command -- PROGRAM ARGS...` for any program.',
  });
}

/** In the state directory: what the sandbox shows to many launches. */
const KEPT = 'sandbox';

async function sweepSandbox(env: Environment, { isTrial, isBusy, before }: SweepRequest): Promise<KeptSweep> {
  const { unusedSkeletons } = await import('../sandboxes/bubblewrap/unused.ts');
  const { sweepKept } = await import('../workspace/kept.ts');
  const home = stateHome(env);
  const names = unusedSkeletons({ directory: join(home, KEPT), hostEnvironment: env, isBusy, before });
  return sweepKept({ home, below: KEPT, isTrial }, names);
}

async function loadSandbox(name: SandboxName, env: Environment): Promise<Sandbox> {
  if (name === 'none') {
    const { createNoSandbox } = await import('../sandboxes/none/index.ts');
    return createNoSandbox({ hostEnvironment: env });
  }
  if (name === 'container') {
    const { createContainerSandbox } = await import('../sandboxes/container/index.ts');
    return createContainerSandbox({ hostEnvironment: env });
  }
  if (name === 'seatbelt') {
    const { createSeatbeltSandbox } = await import('../sandboxes/seatbelt/index.ts');
    const { privatePlaces } = await import('../workspace/private-places.ts');
    return createSeatbeltSandbox({ hostEnvironment: env, places: privatePlaces(stateHome(env)) });
  }
  const { createBubblewrapSandbox } = await import('../sandboxes/bubblewrap/index.ts');
  const { KEPT_MARK } = await import('../workspace/kept.ts');
  const keptIn = { directory: join(stateHome(env), KEPT), mark: KEPT_MARK };
  return createBubblewrapSandbox({ hostEnvironment: env, keptIn });
}

async function classifier(policy: ResolvedPolicy): Promise<PathClassifier> {
  const { pathClassifier } = await import('../policy/classify.ts');
  return pathClassifier(policy);
}

async function ruleAnswers({ commands }: ResolvedPolicy): Promise<RuleAnswers> {
  const { createAnswerer } = await import('../policy/commands/answer.ts');
  return createAnswerer(commands);
}

async function riskReader(policy: ResolvedPolicy): Promise<RiskReader> {
  const read = await import('../policy/risk/index.ts');
  return read.riskReader(policy.risk);
}

/** What a reader that asks a program needs; `signal` ends the program with the run. */
interface ReadingPlace {
  readonly sandbox: Sandbox;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

async function migrationReader(
  { migrations }: ResolvedPolicy,
  { sandbox, env, signal }: ReadingPlace,
): Promise<ContentReader> {
  const { createMigrationReader } = await import('../migrations/reader.ts');
  const { askSquawk, findSquawk } = await import('../migrations/squawk.ts');
  const squawk = findSquawk(env['PATH']);
  const ask: SecondOpinion | null = squawk === null ? null : (sql) => askSquawk(sandbox, squawk, sql, signal);
  return createMigrationReader(ask, migrations?.database);
}

async function contentReader(policy: ResolvedPolicy, place: ReadingPlace): Promise<ContentReader> {
  const read = await import('../content/registry.ts');
  const migrations: ContentReaderPlugin = {
    id: 'migrations',
    detectors: [
      'migration-untried',
      'migration-irreversible',
      'migration-destructive',
      'migration-locks',
      'migration-history',
    ],
    load: () => migrationReader(policy, place),
  };
  return read.contentReader(policy, [...read.CONTENT_READERS, migrations]);
}

async function freezesOver(store: RunStore, state: RunState, reach: FreezeReach): Promise<readonly Freeze[]> {
  const freezes = await store.freezes.list();
  if (freezes.length === 0) return freezes;
  const { coveringFreezes } = await import('../policy/frozen.ts');
  const { files = [], fileCount = 0 } = newestChange(state) ?? {};
  return coveringFreezes(freezes, { repository: state.task.repository, policy: state.policy, files, fileCount }, reach);
}

async function guard(policy: ResolvedPolicy): Promise<TreeGuard> {
  const { treeGuard } = await import('../policy/tree-guard.ts');
  return treeGuard(policy);
}

async function tryProviders(env: Environment): ReturnType<Composition['providers']> {
  const { readKey } = await import('../gateway/keys/index.ts');
  const { loadProviders } = await import('../policy/providers.ts');
  const tried = (await loadProviders(env)).map(async (provider) => {
    const problem = await readKey(provider.key, env).then(
      () => null,
      (error: unknown) => {
        if (error instanceof LoopwrightError) return error;
        throw error;
      },
    );
    return { provider, problem };
  });
  return Promise.all(tried);
}

async function openGateway(store: RunStore, env: Environment): Promise<Gateway> {
  const { createGateway } = await import('../gateway/index.ts');
  const { readKey } = await import('../gateway/keys/index.ts');
  const { loadProviders } = await import('../policy/providers.ts');
  const { compileModelGlobs } = await import('../policy/model-globs.ts');
  return createGateway({
    store,
    clock: systemClock,
    providers: () => loadProviders(env),
    readKey: (source) => readKey(source, env),
    matches: compileModelGlobs,
  });
}

async function openEgress(): Promise<Egress> {
  const { createEgress } = await import('../egress/index.ts');
  const { hideSecret } = await import('../gateway/held-back.ts');
  return createEgress({ hideSecret });
}

async function openGuardedStore(home: string): Promise<Pick<BenchParts, 'store' | 'hold'>> {
  const { openSqliteStore } = await import('../store/sqlite/index.ts');
  const { createRedactor, withoutSecrets } = await import('../store/without-secrets.ts');
  const redactor = createRedactor();
  const store = await openSqliteStore({ file: join(home, 'loopwright.db'), now: () => systemClock.now() });
  return { store: withoutSecrets(store, redactor.redact), hold: (redact) => redactor.hold(redact) };
}

interface BenchParts {
  readonly home: string;
  readonly store: RunStore;
  readonly env: Environment;
  readonly hold: Parameters<typeof createSecrets>[1];
}

async function openBench(name: SandboxName, { home, store, env, hold }: BenchParts): Promise<Bench> {
  const { createWorkspaces } = await import('../workspace/index.ts');
  const { loadCheckFormat } = await import('../checks/registry.ts');
  const { failureNotes } = await import('../checks/failure-notes.ts');
  const sandbox = await loadSandbox(name, env);
  const { repositories, workspaces, results, remotes } = createWorkspaces({
    home,
    sandbox,
    hostEnvironment: env,
    putBlob: (bytes) => store.putBlob(bytes),
    remoteLogin: (origin) => remoteLogin(env, origin),
  });
  return {
    store,
    clock: systemClock,
    gateway: () => openGateway(store, env),
    egress: openEgress,
    secrets: createSecrets(env, hold),
    ids: systemIds,
    sandbox,
    repositories,
    workspaces,
    results,
    remotes,
    forge: (wanted, signal) => loadForge(wanted, { env, remotes, signal }),
    describe: async (state, wanted) => (await import('./collect-report.ts')).describeRun(store, state, wanted),
    base: (repository, commit) => repositories.read(repository, commit),
    driver: (id) => loadDriver(id, env),
    checkFormat: loadCheckFormat,
    failures: failureNotes,
    classifier,
    ruleAnswers,
    riskReader,
    contentReader: (policy, signal) => contentReader(policy, { sandbox, env, signal }),
    migrations: async () => (await import('../migrations/trial.ts')).createMigrationBench(sandbox),
    guard,
    approverKeys: createApproverKeys(env, (repository, commit) => repositories.read(repository, commit)),
    freezes: (state, reach) => freezesOver(store, state, reach),
    process: { pid: process.pid, host: hostname() },
    version: VERSION,
  };
}

/** Opens nothing by itself. Throws `LW_USAGE` when there is no place for state. */
export function compose(env: Environment): Composition {
  const home = stateHome(env);
  let store: Promise<Pick<BenchParts, 'store' | 'hold'>> | null = null;
  const benches = new Map<SandboxName, Promise<Bench>>();

  // Everything that is written passes the redactor; while no secret is open it does nothing.
  function openStore(): Promise<Pick<BenchParts, 'store' | 'hold'>> {
    store ??= openGuardedStore(home);
    return store;
  }

  return {
    home,
    store: async () => (await openStore()).store,
    bench(sandbox) {
      const open = benches.get(sandbox) ?? openStore().then((opened) => openBench(sandbox, { ...opened, home, env }));
      benches.set(sandbox, open);
      return open;
    },
    sweepSandbox: (request) => sweepSandbox(env, request),
    drivers: () => Promise.all(Object.keys(DRIVERS).map((id) => loadDriver(id, env))),
    providers: () => tryProviders(env),
    async close() {
      await (await store)?.store.close();
    },
  };
}
