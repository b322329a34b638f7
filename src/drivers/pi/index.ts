/** pi in JSON mode. Measured with 0.87.1. */
import type { Driver } from '../../ports/driver.ts';
import { createCodingAgentDriver } from '../coding-agent.ts';
import type { HostEnvironment } from '../installation.ts';
import { commandLine } from './command-line.ts';
import { fold } from './events.ts';
import { API_CHOICES, home, wire } from './home.ts';

export function createPiDriver(hostEnvironment: HostEnvironment): Driver {
  return createCodingAgentDriver(
    {
      id: 'pi',
      summary: 'pi, a small agent for any provider, one process per turn.',
      program: 'pi',
      install: 'npm install -g @earendil-works/pi-coding-agent',
      reportsUsage: true,
      // Measured: out at once, its tool killed; SIGINT leaves the tool.
      wrapsUp: 'SIGTERM',
      cumulative: 'nothing',
      choices: { api: API_CHOICES },
      accepts: /^\.pi\/extensions\/[\w-]+\.[jt]s$/u,
      wire,
      commandLine,
      home,
      fold,
    },
    hostEnvironment,
  );
}
