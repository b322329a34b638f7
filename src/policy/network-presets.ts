/**
 * Lists of hosts by name, for `network.allow`: what the clients of a package registry read from by default. Read-only: from a
 * registry one installs, and publishing is a person's work. The one table of these names.
 */

export interface PresetHost {
  readonly host: string;
  readonly tls: boolean;
}

const tls = (...hosts: readonly string[]): readonly PresetHost[] => hosts.map((host) => ({ host, tls: true }));

export const NETWORK_PRESETS: Readonly<Record<string, readonly PresetHost[]>> = {
  npm: tls('registry.npmjs.org'),
  yarn: tls('registry.yarnpkg.com', 'registry.npmjs.org'),
  pypi: tls('pypi.org', 'files.pythonhosted.org'),
  crates: tls('index.crates.io', 'static.crates.io', 'crates.io'),
  go: tls('proxy.golang.org', 'sum.golang.org'),
  maven: tls('repo.maven.apache.org', 'repo1.maven.org'),
  rubygems: tls('rubygems.org', 'index.rubygems.org'),
  nuget: tls('api.nuget.org'),
  // apt reads over plain HTTP by default and verifies signatures itself.
  debian: ['deb.debian.org', 'security.debian.org'].flatMap((host) => [
    { host, tls: true },
    { host, tls: false },
  ]),
};

export const PRESET_NAMES: readonly string[] = Object.keys(NETWORK_PRESETS);
