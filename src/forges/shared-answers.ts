/** What both forges say in the same words. */
import type { OpenFilter, ReviewRequest } from '../ports/forge.ts';
import { ask, readAnswer } from './ask.ts';
import type { Asking } from './ask.ts';
import type { ForgeHost } from './host.ts';
import { fields } from './reading.ts';

/** Whether rules guard the branch at this address; one that is not there is guarded by none. */
export async function isGuarded(host: ForgeHost, path: string): Promise<boolean> {
  const asking: Asking = { method: 'GET', path, answers: [404] };
  const answered = await ask(host, asking);
  if (answered.status === 404) return false;
  return readAnswer(host, asking, answered, (body) => {
    const guarded = fields(body)['protected'];
    return typeof guarded === 'boolean' ? { guarded } : null;
  }).guarded;
}

export function wanted(all: readonly ReviewRequest[], { author, label }: OpenFilter): readonly ReviewRequest[] {
  return all.filter(
    (request) => (author === null || request.author === author) && (label === null || request.labels.includes(label)),
  );
}
