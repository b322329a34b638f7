/**
 * In which direction a lower layer may move each key of the policy. The tables have the keys of the sections themselves, so
 * that a key without a direction does not compile; a test compares them with the schema as well.
 */
import type {
  AgentSection,
  ApprovalsSection,
  CheckSection,
  ClassSection,
  CommandsSection,
  DailyCostSection,
  DetectorsSection,
  LimitsSection,
  MigrationsSection,
  ModelsSection,
  NetworkSection,
  PathsSection,
  PolicyContent,
  PriceSection,
  ProtectSection,
  PublishSection,
  ResourcesSection,
  SecretSection,
  SharedSections,
  ZoneSection,
} from '../content.ts';
import { coversHostRule, coversModel, coversPath, coversRule, sameEntry, type Covers } from './covers.ts';

export type Direction =
  /** Numbers, of which `unlimited` and `off` are the largest. */
  | { readonly kind: 'smaller' | 'larger' }
  /** Only this value may be set by a lower layer once an upper one has it. */
  | { readonly kind: 'true' | 'false' }
  /** Words from loose to tight; words of one step are not exchanged for one another. */
  | { readonly kind: 'ordered'; readonly steps: readonly (readonly string[])[] }
  /** A list that restricts: it adds up, and leaving out takes nothing away. */
  | { readonly kind: 'grows' }
  /** A list that grants. `addsUp`: what a file and its classes say is joined when it is resolved. */
  | { readonly kind: 'shrinks'; readonly covers: Covers; readonly addsUp: boolean }
  /** Restricts nothing, so that every layer may say what it likes. */
  | { readonly kind: 'free' }
  /** Whoever says it first, says it for all below. */
  | { readonly kind: 'fixed' }
  /** The same, and who begins the entry and leaves it out has said something too. */
  | { readonly kind: 'settled' };

export type Node =
  | { readonly leaf: Direction }
  | { readonly keys: Readonly<Record<string, Node>> }
  /** A map by name. `closed`: a lower layer adds no entry where an upper one has the map. */
  | { readonly each: Node; readonly closed: boolean }
  /** A list of entries with a `name`. */
  | { readonly named: Node };

/** Every key of a section, and no other. */
type Fields<T> = { readonly [K in keyof T]-?: Node };

const SMALLER: Node = { leaf: { kind: 'smaller' } };
const LARGER: Node = { leaf: { kind: 'larger' } };
const TRUE: Node = { leaf: { kind: 'true' } };
const FALSE: Node = { leaf: { kind: 'false' } };
const GROWS: Node = { leaf: { kind: 'grows' } };
const FREE: Node = { leaf: { kind: 'free' } };
const FIXED: Node = { leaf: { kind: 'fixed' } };
const SETTLED: Node = { leaf: { kind: 'settled' } };

function shrinks(covers: Covers, more: { readonly addsUp?: boolean } = {}): Node {
  return { leaf: { kind: 'shrinks', covers, addsUp: more.addsUp ?? false } };
}

function ordered(...steps: readonly (string | readonly string[])[]): Node {
  return { leaf: { kind: 'ordered', steps: steps.map((step) => [step].flat()) } };
}

/** Stands for any sandbox that confines: what an upper layer asks for by being there at all. */
export const CONFINED = 'confined';

const AUTONOMY: Node = ordered('land', 'propose', 'report');
const ACTION: Node = ordered('off', 'note', 'hold', 'stop');

const AGENT: Fields<AgentSection> = { driver: FIXED, options: FIXED };

const CHECK: Fields<CheckSection> = {
  run: SETTLED,
  report: SETTLED,
  'report-file': SETTLED,
  timeout: SMALLER,
  network: FALSE,
  repeat: LARGER,
  // Without one a measured value decides nothing, so that adding one tightens.
  ratchet: FIXED,
  hidden: GROWS,
};

const PROTECT: Fields<ProtectSection> = { files: GROWS, except: shrinks(coversPath, { addsUp: true }) };

const PATHS: Fields<PathsSection> = {
  allow: shrinks(coversPath),
  deny: GROWS,
  dependencies: shrinks(sameEntry),
  unmask: shrinks(coversPath, { addsUp: true }),
};

const DAILY_COST: Fields<DailyCostSection> = { class: SMALLER, repository: SMALLER, all: SMALLER };

const LIMITS: Fields<LimitsSection> = {
  iterations: SMALLER,
  'wall-time': SMALLER,
  idle: SMALLER,
  'changed-files': SMALLER,
  'changed-lines': SMALLER,
  output: SMALLER,
  'egress-bytes': SMALLER,
  tokens: SMALLER,
  'cost-usd': SMALLER,
  'daily-cost-usd': { keys: DAILY_COST },
};

const RESOURCES: Fields<ResourcesSection> = {
  memory: SMALLER,
  processes: SMALLER,
  disk: SMALLER,
  files: SMALLER,
  'deleted-files': SMALLER,
  'deleted-share': SMALLER,
  'open-files': SMALLER,
  'file-size': SMALLER,
  'cpu-time': SMALLER,
};

const DETECTORS: Fields<DetectorsSection> = {
  'repeated-failure': SMALLER,
  'no-progress': SMALLER,
  'protected-edit': ACTION,
  actions: { each: ACTION, closed: false },
  steps: { each: SMALLER, closed: false },
};

const NETWORK: Fields<NetworkSection> = { allow: shrinks(coversHostRule) };

const ZONE: Fields<ZoneSection> = {
  name: FREE,
  // `off` instead of a list is looked at by itself.
  paths: GROWS,
  reason: FREE,
  owners: GROWS,
  approvals: LARGER,
  from: shrinks(sameEntry),
  checks: GROWS,
};

const PRICE: Fields<PriceSection> = {
  input: FIXED,
  output: FIXED,
  'cache-read': SETTLED,
  'cache-write-5m': SETTLED,
  'cache-write-1h': SETTLED,
  'web-search-per-1000': SETTLED,
};

const MODELS: Fields<ModelsSection> = {
  metering: ordered('agent-claims', 'gateway'),
  allow: shrinks(coversModel),
  // A price below the real one stretches every ceiling on cost.
  prices: { each: { keys: PRICE }, closed: true },
  multipliers: { each: FIXED, closed: true },
  'unknown-price': ordered('tokens-only', 'refuse'),
  'hosted-tools': shrinks(sameEntry),
  // What is held for a call that names no limit: lower holds too little, higher refuses too much.
  'max-output-tokens': FIXED,
  'quota-attempts': SMALLER,
};

const COMMANDS: Fields<CommandsSection> = {
  allow: shrinks(coversRule),
  ask: GROWS,
  deny: GROWS,
  unmatched: ordered('allow', 'hold', 'deny'),
  unasked: ordered('run', 'refuse'),
};

const SECRET: Fields<SecretSection> = {
  for: shrinks(sameEntry),
  checks: shrinks(sameEntry),
  variable: SETTLED,
  reason: FREE,
};

const APPROVALS: Fields<ApprovalsSection> = {
  signed: TRUE,
  expire: SMALLER,
  'other-than-operator': TRUE,
  remind: SMALLER,
};

const SHARED: Fields<SharedSections> = {
  protect: { keys: PROTECT },
  paths: { keys: PATHS },
  limits: { keys: LIMITS },
  resources: { keys: RESOURCES },
  detectors: { keys: DETECTORS },
  network: { keys: NETWORK },
  risk: { named: { keys: ZONE } },
};

const CLASS: Fields<ClassSection> = {
  ...SHARED,
  // Compared with what a class of that name starts from where nothing is said.
  extends: FIXED,
  summary: FREE,
  baseline: FIXED,
  autonomy: AUTONOMY,
  checks: GROWS,
};

// One place where changes are shown is not tighter than another, so that none below may choose another.
const PUBLISH: Fields<PublishSection> = { forge: FIXED, repository: FIXED, target: FIXED, 'open-requests': SMALLER };

const MIGRATIONS: Fields<MigrationsSection> = { database: FIXED, up: FIXED, down: FIXED };

const CONTENT: Fields<PolicyContent> = {
  ...SHARED,
  version: FIXED,
  agent: { keys: AGENT },
  owner: FREE,
  autonomy: AUTONOMY,
  sandbox: ordered('none', CONFINED, ['bubblewrap', 'container', 'seatbelt']),
  environment: { each: FIXED, closed: false },
  checks: { each: { keys: CHECK }, closed: false },
  proof: { keys: { mutants: LARGER } satisfies Fields<NonNullable<PolicyContent['proof']>> },
  migrations: { keys: MIGRATIONS },
  commands: { keys: COMMANDS },
  models: { keys: MODELS },
  secrets: { each: { keys: SECRET }, closed: true },
  approvals: { keys: APPROVALS },
  review: { keys: { minutes: SMALLER } satisfies Fields<NonNullable<PolicyContent['review']>> },
  publish: { keys: PUBLISH },
  classes: { each: { keys: CLASS }, closed: false },
};

const { classes: _classes, ...TOP } = CONTENT;

/** Everything but `classes`, which are compared with more than the class of the same name above. */
export const TOP_NODE: Node = { keys: TOP };
export const CLASS_NODE: Node = { keys: CLASS };
/** What a class says of the same things as the file around it. */
export const CLASS_IN_FILE_NODE: Node = { keys: { ...SHARED, autonomy: AUTONOMY } };

/** Every key with its direction, in the form of the schema's leaves: `checks.*.run`, `risk[].paths`, `classes.*.extends`. */
export function directedLeaves(node: Node = { keys: CONTENT }, path = ''): ReadonlyMap<string, Direction> {
  if ('leaf' in node) return new Map([[path, node.leaf]]);
  if ('each' in node) return directedLeaves(node.each, `${path}.*`);
  if ('named' in node) return directedLeaves(node.named, `${path}[]`);
  return new Map(
    Object.entries(node.keys).flatMap(([key, inner]) => [
      ...directedLeaves(inner, path === '' ? key : `${path}.${key}`),
    ]),
  );
}
