/** What is the same for every agent in a vendor's cloud: options, terms, sessions. */
import { assert, LoopwrightError } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { VendorAccess } from '../ports/cloud.ts';
import type { AgentHost, AgentSession, Driver } from '../ports/driver.ts';
import { issueWords } from './issue-words.ts';
import type { CloudOptions, CloudVendor } from './cloud-vendor.ts';
import { takeCloudTurn } from './cloud-turn.ts';
import { gitUrl, placeOf, pullRef } from './forge.ts';
import type { Forge } from './forge.ts';
import { createVendorCalls } from './vendor-calls.ts';

/** Handed in by the composition root. */
export interface CloudHost {
  readonly access: VendorAccess;
  readonly forge: Forge;
  readonly clock: Clock;
}

/** The same for all of them. Where a vendor is better than this it says so itself. */
const GAPS: readonly string[] = [
  'what it runs, reads and reaches: no sandbox of loopwright is around it',
  'rules on commands, on models and on the network of the policy',
  'limits on cost, tokens, silence and output: its model calls pass no gateway of loopwright',
];

/** Throws `LW_AGENT_OPTIONS`. */
function readOptions<O extends CloudOptions>(vendor: CloudVendor<O>, raw: Readonly<Record<string, unknown>>): O {
  const parsed = vendor.schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(issueWords);
  throw new LoopwrightError('LW_AGENT_OPTIONS', {
    message: `the ${vendor.id} driver refuses its options: ${problems.join('; ')}`,
    next: `In the policy give ${vendor.optionsHelp}; see docs/cloud-agents.md.`,
    details: { problems },
  });
}

function openSession<O extends CloudOptions>(
  vendor: CloudVendor<O>,
  options: O,
  given: { readonly host: AgentHost; readonly cloud: CloudHost },
): AgentSession {
  const { access, forge, clock } = given.cloud;
  const { errand } = given.host;
  assert(errand !== undefined, 'an agent in a cloud is opened with its errand');
  const place = placeOf(options.repository);
  const sessions = vendor.sessions({
    calls: createVendorCalls(access, clock),
    place,
    remote: errand.remote,
    page: `${forge.url}/${options.repository}`,
    branch: errand.branch,
    startedAt: errand.startedAt,
    options,
    pullRef: (page) => pullRef(forge, place, page),
  });
  const context = { vendor: vendor.id, login: access.login.variable, sessions, errand, clock };
  return {
    turn: (request, signal) => takeCloudTurn(context, request, signal),
    // Between turns a session waits at its vendor; it is done or was ended.
    close: () => Promise.resolve(),
  };
}

export function createCloudDriver<O extends CloudOptions>(vendor: CloudVendor<O>, cloud: CloudHost): Driver {
  return {
    id: vendor.id,
    summary: vendor.summary,
    capabilities: {
      resumable: true,
      reportsUsage: false,
      gatewayAware: false,
      asksPermission: false,
      modelFree: false,
      learnsFromFailures: true,
      runsIn: 'vendor-cloud',
    },
    options: (raw) => JSON.parse(JSON.stringify(readOptions(vendor, raw))) as Record<string, unknown>,
    // None that could be sent through a gateway.
    usesModels: () => false,
    cloud: {
      login: cloud.access.login,
      terms(raw) {
        const options = readOptions(vendor, raw);
        return {
          vendor: vendor.id,
          remote: gitUrl(cloud.forge, placeOf(options.repository)),
          branch: options.branch ?? null,
          limit: vendor.limit(options),
          gaps: [...GAPS, ...vendor.gaps],
        };
      },
    },
    open: async (raw, host) => openSession(vendor, readOptions(vendor, raw), { host, cloud }),
  };
}
