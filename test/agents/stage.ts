/** What every test of an agent needs around it: a place of its own, a model server, and a closed and watched way out. */
import { join } from 'node:path';
import { startModelServer } from '../support/model-server/index.ts';
import type { ModelServer, ModelServerOptions } from '../support/model-server/index.ts';
import type { Script } from '../support/model-server/script.ts';
import { makePlace, repair, runAgent } from './agent.ts';
import type { AgentEnd, Place } from './agent.ts';
import { watchOutside } from './outside.ts';
import type { Outside } from './outside.ts';
import type { Endpoint, Recipe } from './recipe.ts';

/** What an agent of this suite sends as its key. Worth nothing anywhere. */
export const KEY = 'lw-key-of-this-run';

export interface Stage {
  readonly place: Place;
  readonly server: ModelServer;
  readonly outside: Outside;
  /** Where the server also listens. */
  readonly socketPath: string;
  /** Runs the agent against the server, or against whatever endpoint is given instead. */
  readonly run: (recipe: Recipe, options?: { endpoint?: Partial<Endpoint>; deadlineMs?: number }) => Promise<AgentEnd>;
}

export type StageOptions = Omit<ModelServerOptions, 'script' | 'socketPath'> & {
  /** Default: what repairs the repository of the place. */
  readonly script?: (place: Place) => Script;
};

/** Sets everything up, plays, and takes it down again whatever came of it. */
export async function onStage(options: StageOptions, play: (stage: Stage) => Promise<void>): Promise<void> {
  const { script = repair, ...rest } = options;
  const place = makePlace();
  const socketPath = join(place.root, 'model.sock');
  const outside = await watchOutside();
  const server = await startModelServer({ ...rest, script: script(place), socketPath });
  try {
    await play({
      place,
      server,
      outside,
      socketPath,
      run: async (recipe, { endpoint, ...more } = {}) =>
        runAgent({
          recipe,
          place,
          env: outside.env,
          endpoint: { url: server.url, key: KEY, model: 'some-model', ...endpoint },
          ...more,
        }),
    });
  } finally {
    await server.close();
    await outside.close();
    place.remove();
  }
}
