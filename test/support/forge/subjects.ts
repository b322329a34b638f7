/** The forges over the fake one, for the conformance suite. */
import { createGithubForge } from '../../../src/forges/github/index.ts';
import { createGitlabForge } from '../../../src/forges/gitlab/index.ts';
import type { ForgeHost } from '../../../src/forges/host.ts';
import type { Forge } from '../../../src/ports/forge.ts';
import type { ForgeFault, ForgeHands, ForgeSubject } from '../../../src/public/conformance/forge.ts';
import { createVirtualClock } from '../cloud/virtual-clock.ts';
import { FORGE_SLUG, FORGE_TOKEN, startFakeForge } from './index.ts';
import type { FakeForge, Fault } from './index.ts';

const FAULTS: Readonly<Record<ForgeFault, Fault>> = {
  'lost-after': 'lost-after',
  'failed-after': 'failed-after',
  cut: 'cut',
  nonsense: 'nonsense',
  gateway: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' },
  redirect: { status: 302, headers: { location: 'http://elsewhere.invalid/' } },
  limited: { status: 403, headers: { 'retry-after': '1' }, body: '{"message":"secondary rate limit"}' },
  exhausted: { status: 429, headers: { 'retry-after': '3600' }, body: '{"message":"API rate limit exceeded"}' },
  login: { status: 401, body: '{"message":"Bad credentials"}' },
};

function handsOf(fake: FakeForge): ForgeHands {
  const { repository } = fake;
  const branch = (name: string): string =>
    repository.commit({
      files: { [name.replaceAll('/', '-')]: `${name}\n` },
      parent: repository.tip('main'),
      refs: [`refs/heads/${name}`],
    });
  return {
    branch: (name) => Promise.resolve(branch(name)),
    async file(path, text) {
      repository.commit({ files: { [path]: text }, parent: repository.tip('main'), refs: ['refs/heads/main'] });
    },
    async request({ fork, labels = [], reviewers = [], ...wish }) {
      const made = repository.add({
        ...wish,
        labels: [...labels],
        reviewers: reviewers.map((name) => name.slice(1)),
        fork: fork === true ? 'somebody/shop' : null,
      });
      return made.number;
    },
    fault(of, fault) {
      for (const method of of === 'reading' ? ['GET'] : ['POST']) fake.script(method, /./, FAULTS[fault]);
    },
    calls: () => fake.calls.length,
    shortPages: () => {
      fake.pageSize = 1;
    },
    token: FORGE_TOKEN,
  };
}

export function hostOf(api: string, fake: FakeForge, signal: AbortSignal = new AbortController().signal): ForgeHost {
  return {
    api,
    repository: FORGE_SLUG,
    remote: `${fake.url}/${FORGE_SLUG}.git`,
    token: () => Promise.resolve({ reveal: () => FORGE_TOKEN }),
    clock: createVirtualClock(),
    signal,
  };
}

function subject(name: string, make: (fake: FakeForge) => Forge): ForgeSubject {
  return {
    name,
    async open() {
      const fake = await startFakeForge();
      fake.repository.commit({ files: { 'README.md': 'A shop.\n' }, parent: null, refs: ['refs/heads/main'] });
      return { forge: make(fake), hands: handsOf(fake), close: () => fake.close() };
    },
  };
}

export const FORGE_SUBJECTS: readonly ForgeSubject[] = [
  subject('github', (fake) => createGithubForge(hostOf(`${fake.url}/rest`, fake))),
  subject('gitlab', (fake) => createGitlabForge(hostOf(`${fake.url}/api/v4`, fake))),
];
