/** A file of a repository, through the forge. */
import { ask } from './ask.ts';
import type { ForgeHost } from './host.ts';
import { refuse } from './refusals.ts';

/** What states a policy is a page; a file beyond this is none. */
const FILE_BYTES = 1024 * 1024;

/** null where there is no such file. */
export async function readText(host: ForgeHost, path: string, accept?: string): Promise<string | null> {
  const asking = { method: 'GET', path, answers: [404], ...(accept === undefined ? {} : { accept }) } as const;
  const { status, text } = await ask(host, asking);
  if (status === 404) return null;
  if (text !== null && text.length <= FILE_BYTES) return text;
  throw refuse(host, asking, {
    code: 'LW_FORGE_ANSWER',
    what: `answers a file of more than ${FILE_BYTES} bytes`,
    next: 'Read it yourself, and make it shorter.',
  });
}
