/** Contents of many objects at once, out of the mirror. */
import type { FileContent } from '../ports/content.ts';
import type { Git } from './git.ts';
import type { Mirror } from './mirror.ts';

/** A longer file is not read: nobody writes one by hand. */
const MAX_FILE_BYTES = 1024 * 1024;
/** All sides of all files together; files after that are too large to be read. */
const MAX_CHANGE_BYTES = 64 * 1024 * 1024;

/** By id. Sizes are asked for before anything is unpacked. Rejects only where git does. */
export async function readBlobs(
  git: Git,
  mirror: Mirror,
  ids: readonly string[],
  mostBytes: number = MAX_FILE_BYTES,
): Promise<ReadonlyMap<string, FileContent>> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const { gitDir } = mirror;
  const lines = (some: readonly string[]): Buffer => Buffer.from(some.map((id) => `${id}\n`).join(''));
  const args = ['cat-file', '--batch-check=%(objectname) %(objectsize)', '--buffer'];
  const sizes = (await git.run({ args, gitDir, stdin: lines(wanted) })).stdout.toString('latin1').trim().split('\n');
  const found = new Map<string, FileContent>();
  const worth: string[] = [];
  let total = 0;
  for (const text of sizes) {
    const [id = '', size = ''] = text.split(' ');
    const bytes = Number(size);
    if (!Number.isInteger(bytes)) continue;
    found.set(id, { bytes, content: null });
    if (bytes > mostBytes || total + bytes > MAX_CHANGE_BYTES) continue;
    total += bytes;
    worth.push(id);
  }
  if (worth.length === 0) return found;
  const batch = ['cat-file', '--batch=%(objectname) %(objectsize)', '--buffer'];
  const { stdout } = await git.run({ args: batch, gitDir, stdin: lines(worth) });
  for (const { id, content } of parseBatch(stdout)) found.set(id, { bytes: content.length, content });
  return found;
}

/** `<id> <size>\n<content>\n`, again and again. */
function parseBatch(output: Buffer): readonly { readonly id: string; readonly content: Buffer }[] {
  const found: { readonly id: string; readonly content: Buffer }[] = [];
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(0x0a, at);
    if (end < 0) break;
    const [id = '', size = ''] = output.subarray(at, end).toString('latin1').split(' ');
    const from = end + 1;
    const to = from + Number(size);
    if (!/^\d+$/.test(size)) break;
    found.push({ id, content: output.subarray(from, to) });
    at = to + 1;
  }
  return found;
}

/** `listed`: path to the id of its content. What is not listed, or too large, is not in the answer. */
export async function readPaths(
  git: Git,
  mirror: Mirror,
  listed: ReadonlyMap<string, string>,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const known = paths.flatMap((path) => {
    const id = listed.get(path);
    return id === undefined ? [] : [{ path, id }];
  });
  const read = await readBlobs(
    git,
    mirror,
    known.map(({ id }) => id),
  );
  return new Map(
    known.flatMap(({ path, id }) => {
      const content = read.get(id)?.content ?? null;
      return content === null ? [] : [[path, content] as const];
    }),
  );
}
