/**
 * What commits of the user's repository say of where they came from. Read in the trusted mirror, where no setting of the
 * repository, no attribute and no program of it has a say.
 */
import type { CommitFacts, Repositories } from '../ports/workspace.ts';
import { beginningOf } from './beginning.ts';
import type { Git } from './git.ts';
import type { Mirror, Mirrors } from './mirror.ts';
import { isObjectId } from './object-names.ts';
import { pin } from './pin.ts';

/** Far longer than any message; the rest of it is not looked at. */
const MAX_MESSAGE_BYTES = 256 * 1024;

/** From the object itself: `git log` has settings, this has none. */
function parseCommit(commit: string, text: string): CommitFacts {
  const end = text.indexOf('\n\n');
  const header = end === -1 ? text : text.slice(0, end);
  const message = end === -1 ? '' : text.slice(end + 2);
  const lines = header.split('\n');
  const parents = lines.filter((line) => line.startsWith('parent ')).map((line) => line.slice('parent '.length));
  const author = lines.find((line) => line.startsWith('author ')) ?? '';
  const match = /^author (.*) <([^>]*)> (\d+) [+-]\d{4}$/.exec(author);
  const at = match === null ? null : Number(match[3]) * 1_000;
  return { commit, parents, author: match?.[1] ?? '', at, message };
}

async function readCommit(git: Git, mirror: Mirror, commit: string): Promise<CommitFacts> {
  const call = { args: ['cat-file', 'commit', commit], gitDir: mirror.gitDir };
  const { bytes } = await beginningOf(git, call, MAX_MESSAGE_BYTES);
  return parseCommit(commit, bytes.toString('utf8'));
}

export function createHistory(
  open: () => Promise<{ readonly git: Git; readonly mirrors: Mirrors }>,
): Pick<Repositories, 'commit' | 'blame'> {
  return {
    commit: async (root, revision) => {
      const { git, mirrors } = await open();
      const { commit } = await pin(git, mirrors, root, revision);
      return readCommit(git, await mirrors.find(root), commit);
    },
    blame: async (root, file, line) => {
      const { git, mirrors } = await open();
      const { commit } = await pin(git, mirrors, root, 'HEAD');
      const { gitDir } = await mirrors.find(root);
      const range = `${line},${line}`;
      const what = ['--no-textconv', '--no-progress', '--porcelain', '-L', range, commit, '--', file];
      const answer = await git.run({ args: ['blame', ...what], gitDir, answers: [128] });
      const [id = ''] = answer.stdout.toString('latin1').split(' ', 1);
      return answer.code === 0 && isObjectId(id) ? id : null;
    },
  };
}
