/** pi in JSON mode: what `loopwright agents install pi` installs. Measured with 0.87.1. */
import path from 'node:path';
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { API_CHOICES, wireByApi } from '../three-protocols.ts';
import { home } from './home.ts';

/** The one its lockfile in `agents/pi` names. Later ones are not tried. */
export const PI_VERSION = '0.87.1';

/** `ownAgents`: the directory of what loopwright installs itself; absent: it installs nothing. */
export function createPiDriver(hostEnvironment: HostEnvironment, ownAgents?: string): Driver {
  const own =
    ownAgents === undefined
      ? {}
      : { own: { directory: path.join(ownAgents, `pi-${PI_VERSION}`), version: PI_VERSION } };
  return createCodingAgentDriver(
    {
      id: 'pi',
      summary: 'pi, a small agent for any provider, one process per turn.',
      program: 'pi',
      install: 'loopwright agents install pi',
      ...own,
      reportsUsage: true,
      // Measured: out at once, its tool killed; SIGINT leaves the tool.
      wrapsUp: 'SIGTERM',
      cumulative: 'nothing',
      choices: { api: API_CHOICES },
      accepts: /^\.pi\/extensions\/[\w-]+\.[jt]s$/u,
      wire: wireByApi,
      commandLine,
      home,
      fold,
    },
    hostEnvironment,
  );
}
