/** Every forge keeps the promises of the port. */
import { describe, expect, it } from 'vitest';
import { forgeConformance } from '../public/conformance/forge.ts';
import { hostOf, FORGE_SUBJECTS } from '../../test/support/forge/subjects.ts';
import { FORGE_TOKEN, startFakeForge } from '../../test/support/forge/index.ts';
import { retryAfter } from './call.ts';
import { createGithubForge } from './github/index.ts';
import { readRequest as readPull } from './github/read.ts';
import { readRequest as readMerge } from './gitlab/read.ts';
import { sayingOf } from './refusals.ts';

for (const subject of FORGE_SUBJECTS) forgeConformance({ describe, it, expect }, subject);

describe('the suite of forges', () => {
  it('canary: would see a request that is made twice', async () => {
    const [github] = FORGE_SUBJECTS;
    if (github === undefined) throw new Error('there is a subject');
    const bench = await github.open();
    const { forge, hands } = bench;
    await hands.branch('twice');
    for (const title of ['one', 'two']) await forge.create({ branch: 'twice', target: 'main', title, body: '' });
    expect((await forge.find('twice')).length).toBe(2);
    await bench.close();
  });
});

describe('calls', () => {
  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:09 GMT' }, 8_000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '61' }, 60_000],
    [{ 'ratelimit-remaining': '0', 'ratelimit-reset': '3' }, 2_000],
    [{ 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '61' }, null],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('%j asks to wait for %s ms, at one second past 1970', (headers, expected) => {
    expect(retryAfter(new Headers(headers), 1_000)).toBe(expected);
  });

  it('go with the token in one header, and end with the signal of who asked', async () => {
    const fake = await startFakeForge();
    const aborted = new AbortController();
    const forge = createGithubForge(hostOf(`${fake.url}/rest`, fake, aborted.signal));
    await forge.defaultBranch();
    expect(fake.calls).toEqual([{ asked: 'GET /rest/repos/acme/shop', login: `Bearer ${FORGE_TOKEN}` }]);
    aborted.abort(new Error('no more'));
    await expect(forge.defaultBranch()).rejects.toThrow('no more');
    expect(fake.calls).toHaveLength(1);
    await fake.close();
  });
});

describe('what a forge says of an error', () => {
  it.each([
    [
      '{"message":"Validation Failed","errors":[{"message":"No commits between main and x"}]}',
      ': Validation Failed; No commits between main and x',
    ],
    ['{"message":["Another open merge request already exists"]}', ': Another open merge request already exists'],
    ['{"message":{"base":["is protected","is gone"]}}', ': base is protected, is gone'],
    ['{"error":"insufficient_scope","error_description":"more"}', ': insufficient_scope'],
    ['<html>', ''],
    ['', ''],
    [null, ''],
  ])('%s', (text, words) => {
    expect(sayingOf(text)).toBe(words);
  });
});

describe('a request', () => {
  const head = { sha: 'a'.repeat(40), ref: 'x', repo: null };
  const pull = {
    number: 1,
    html_url: 'u',
    state: 'open',
    head,
    base: { ref: 'main' },
    merge_commit_sha: 'b'.repeat(40),
  };
  const merge = {
    iid: 1,
    web_url: 'u',
    state: 'merged',
    sha: 'a'.repeat(40),
    source_branch: 'x',
    target_branch: 'main',
  };

  it('of GitHub has a merge commit only once it is merged: until then it is that of a trial', () => {
    expect(readPull(pull)?.request).toMatchObject({ state: 'open', mergeCommit: null });
    const merged = { ...pull, state: 'closed', merged_at: '2026-01-01T00:00:00Z' };
    expect(readPull(merged)?.request).toMatchObject({ state: 'merged', mergeCommit: 'b'.repeat(40) });
    expect(readPull({ ...pull, state: 'closed' })?.request.state).toBe('closed');
  });

  it('of GitLab that was merged by fast-forward is on the target as it was', () => {
    expect(readMerge(merge)?.request.mergeCommit).toBe('a'.repeat(40));
    expect(readMerge({ ...merge, squash_commit_sha: 'c'.repeat(40) })?.request.mergeCommit).toBe('c'.repeat(40));
    expect(readMerge({ ...merge, state: 'locked' })?.request).toMatchObject({ state: 'open', mergeCommit: null });
  });

  it.each([
    null,
    [],
    'text',
    {},
    { ...pull, state: 'odd' },
    { ...pull, number: -1 },
    { ...pull, head: { ...head, sha: 'x' } },
  ])('that is not as documented is none: %j', (body) => {
    expect(readPull(body)).toBeNull();
    expect(readMerge(body)).toBeNull();
  });
});
