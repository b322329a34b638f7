/** The ways out of a sandbox without a network: loopback ports inside that lead to Unix sockets outside. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { NODE_INSIDE, type Mount, type PortForward } from '../ports/sandbox.ts';

/** The forwarder as JavaScript. Built, it lies beside this file as such; run from sources, its types are taken off here. */
function forwarderSource(): string {
  const fromSources = import.meta.url.endsWith('.ts');
  const source = readFileSync(new URL(fromSources ? './forwarder.ts' : './forwarder.js', import.meta.url), 'utf8');
  return fromSources ? stripTypeScriptTypes(source) : source;
}

export interface PlannedForwards {
  readonly mounts: readonly Mount[];
  /** For the gate (`process/gate.ts`): the program that has to run beside the one behind it. Empty: none. */
  readonly beside: readonly string[];
}

export function planForwards(forwards: readonly PortForward[]): PlannedForwards {
  if (forwards.length === 0) return { mounts: [], beside: [] };
  const sockets = forwards.map(({ socket }): Mount => ({ kind: 'read-only', source: socket, target: socket }));
  return {
    mounts: [{ kind: 'read-only', source: process.execPath, target: NODE_INSIDE }, ...sockets],
    beside: [
      NODE_INSIDE,
      '--input-type=module',
      '--eval',
      forwarderSource(),
      ...forwards.map(({ port, socket }) => `${port}:${socket}`),
    ],
  };
}
