/** Who the commits of loopwright are by, and when: the same tree on the same base is always the same commit. */

export function commitEnvironment(secondsSince1970: number): Readonly<Record<string, string>> {
  const date = `@${secondsSince1970} +0000`;
  return {
    GIT_AUTHOR_NAME: 'loopwright',
    GIT_AUTHOR_EMAIL: 'loopwright@localhost',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'loopwright',
    GIT_COMMITTER_EMAIL: 'loopwright@localhost',
    GIT_COMMITTER_DATE: date,
  };
}
