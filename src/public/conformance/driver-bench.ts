/** Hosts that driver conformance puts under a driver: one that is watched, and one that starts nothing. */
import { readdir, readFile } from 'node:fs/promises';
import process from 'node:process';
import { LoopwrightError } from '../../core/errors.ts';
import type { AgentHost } from '../../ports/driver.ts';
import type { FinishedProcess, ProcessEnd, SupervisedProcess } from '../../ports/sandbox.ts';
import { ASKING_NOBODY } from './asking-nobody.ts';

/** Where the home is inside, in these tests. */
export const HOME: string = '/run/loopwright/home';

export interface Spy {
  launches: number;
  onFirstOutput: () => void;
}

/** The same host, watched. */
export function spyOn(host: AgentHost, spy: Spy): AgentHost {
  return {
    ...host,
    launch(spec, signal) {
      spy.launches += 1;
      const launched = host.launch(spec, signal);
      return {
        ...launched,
        onOutput(listener) {
          let first = true;
          launched.onOutput((stream, bytes) => {
            listener(stream, bytes);
            if (first) spy.onFirstOutput();
            first = false;
          });
        },
      };
    },
  };
}

/** A host that starts nothing: every launch ends as told. */
export function inertHost(end: ProcessEnd | LoopwrightError): AgentHost & { readonly launches: () => number } {
  let launches = 0;
  const finished: FinishedProcess | null =
    end instanceof LoopwrightError
      ? null
      : { end, stdout: new Uint8Array(), stderr: new Uint8Array(), stdoutBytes: 0, stderrBytes: 0, wallTimeMs: 1 };
  return {
    workspacePath: '/workspace',
    home: HOME,
    models: null,
    ...ASKING_NOBODY,
    seed: () => Promise.resolve(),
    launches: () => launches,
    launch(): SupervisedProcess {
      launches += 1;
      return {
        onOutput: () => undefined,
        sawLife: () => undefined,
        write: () => undefined,
        endInput: () => undefined,
        finished: finished === null ? Promise.reject(end) : Promise.resolve(finished),
      };
    },
  };
}

/** Processes this one has started and not yet seen end. None where the system does not tell. */
export async function children(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const tasks = `/proc/${process.pid}/task`;
  const lists = await Promise.all((await readdir(tasks)).map((task) => readFile(`${tasks}/${task}/children`, 'utf8')));
  return lists.flatMap((list) => list.split(' ')).filter((pid) => pid !== '');
}
