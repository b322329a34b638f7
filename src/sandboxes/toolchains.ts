/**
 * Toolchains that live in a home directory. Home directories are hidden, so these few known parts of them are shown,
 * read-only, and only when the host's PATH leads into them. Never a file that holds credentials: `.cargo/bin` and not
 * `.cargo`, `.local/share/uv/tools` and not `.local/share/uv`.
 */

interface ToolRoot {
  /** Relative to a home directory: a PATH entry here or below shows it. */
  readonly root: string;
  /** What is shown, relative to the home directory. Default: the root itself. */
  readonly shows?: readonly string[];
  /** Writable and empty but for what is shown in it; lost with the process. Relative to the home directory. */
  readonly scratch?: string;
  /** Variables its programs need once HOME is another directory; relative to the home directory. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** rustup's stand-in for cargo refuses to start when it cannot make a directory beside its toolchains. */
const RUSTUP = {
  shows: ['.rustup/toolchains', '.rustup/settings.toml'],
  scratch: '.rustup',
  variables: { RUSTUP_HOME: '.rustup' },
};
const CONDA_PARTS = ['bin', 'condabin', 'envs', 'include', 'lib', 'libexec', 'share'];

function conda(root: string): ToolRoot {
  return { root, shows: CONDA_PARTS.map((part) => `${root}/${part}`) };
}

const TOOL_ROOTS: readonly ToolRoot[] = [
  { ...RUSTUP, root: '.cargo/bin', shows: ['.cargo/bin', ...RUSTUP.shows] },
  { ...RUSTUP, root: '.rustup/toolchains' },
  { root: '.pyenv', variables: { PYENV_ROOT: '.pyenv' } },
  { root: '.rbenv', variables: { RBENV_ROOT: '.rbenv' } },
  { root: '.nodenv', variables: { NODENV_ROOT: '.nodenv' } },
  { root: '.goenv', variables: { GOENV_ROOT: '.goenv' } },
  { root: '.jenv', variables: { JENV_ROOT: '.jenv' } },
  { root: '.nvm/versions' },
  { root: '.local/share/fnm/node-versions' },
  { root: '.volta', variables: { VOLTA_HOME: '.volta' } },
  { root: '.asdf', variables: { ASDF_DIR: '.asdf', ASDF_DATA_DIR: '.asdf' } },
  { root: '.local/share/mise/installs' },
  { root: '.local/share/mise/shims', shows: ['.local/share/mise/shims', '.local/share/mise/installs'] },
  { root: '.proto', variables: { PROTO_HOME: '.proto' } },
  { root: '.sdkman/candidates', variables: { SDKMAN_DIR: '.sdkman' } },
  {
    root: '.local/bin',
    shows: [
      '.local/bin',
      '.local/pipx/venvs',
      '.local/share/pipx/venvs',
      '.local/share/uv/python',
      '.local/share/uv/tools',
      '.local/share/claude/versions',
    ],
  },
  { root: '.local/share/pnpm' },
  { root: '.npm-global', shows: ['.npm-global/bin', '.npm-global/lib/node_modules'] },
  { root: '.bun/bin', shows: ['.bun/bin', '.bun/install/global'] },
  { root: '.deno/bin' },
  { root: '.yarn/bin' },
  { root: '.claude/local' },
  { root: '.opencode/bin' },
  { root: '.dotnet', variables: { DOTNET_ROOT: '.dotnet' } },
  { root: '.ghcup' },
  { root: '.juliaup/bin', shows: ['.juliaup/bin', '.julia/juliaup'] },
  { root: '.elan', variables: { ELAN_HOME: '.elan' } },
  { root: '.rye' },
  { root: '.foundry/bin' },
  { root: '.linuxbrew' },
  { root: 'go/bin' },
  conda('miniconda3'),
  conda('miniforge3'),
  conda('mambaforge'),
  conda('anaconda3'),
];

/** Variables that name where a toolchain is. Passed on when that place is visible inside; nothing else of the host's is. */
export const LOCATION_VARIABLES: readonly string[] = [
  ...new Set(TOOL_ROOTS.flatMap((tool) => Object.keys(tool.variables ?? {}))),
  'GOROOT',
  'GRADLE_HOME',
  'JAVA_HOME',
  'M2_HOME',
  'MAVEN_HOME',
];

export interface Toolchains {
  /** Absolute paths to show, in the order of PATH. They need not exist. */
  readonly shown: readonly string[];
  /** Absolute paths of private, writable directories around some of them. */
  readonly scratch: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

function isAt(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/** The home directory under which `entry` lies in `root`, or null. Whose home it is does not matter. */
function homeOf(entry: string, root: string): string | null {
  const at = `${entry}/`.indexOf(`/${root}/`);
  return at === -1 ? null : entry.slice(0, at);
}

/** Pure: decides by the text of PATH alone. */
export function findToolchains(pathEntries: readonly string[]): Toolchains {
  const shown = new Set<string>();
  const scratch = new Set<string>();
  const variables: Record<string, string> = {};
  for (const entry of pathEntries) {
    for (const tool of TOOL_ROOTS) {
      const home = homeOf(entry, tool.root);
      if (home === null) continue;
      for (const part of tool.shows ?? [tool.root]) shown.add(`${home}/${part}`);
      if (tool.scratch !== undefined) scratch.add(`${home}/${tool.scratch}`);
      for (const [name, part] of Object.entries(tool.variables ?? {})) variables[name] ??= `${home}/${part}`;
    }
  }
  const all = [...shown];
  const outermost = all.filter((path) => !all.some((other) => other !== path && isAt(path, other)));
  return { shown: outermost, scratch: [...scratch], variables };
}

export function isVisible(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => isAt(path, root));
}
