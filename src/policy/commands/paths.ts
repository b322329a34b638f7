/** What a word says about files: whether it leaves the workspace, names a secret, or plants something that runs later. */
import picomatch from 'picomatch';
import type { ShellWord } from './model.ts';

/** Names of files and directories that hold credentials. Templates of them do not. */
const SECRET_NAMES: readonly RegExp[] = [
  /^\.env(?:rc|\.(?!example$|sample$|template$|dist$|defaults$).*)?$/,
  /^\.(?:ssh|aws|azure|gnupg|kube|docker|gcloud|password-store|netrc|pgpass|my\.cnf|npmrc|pypirc|git-credentials|vault-token|htpasswd|s3cfg|boto|authinfo.*)$/,
  /^_netrc$/,
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)[^/]*|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|asc|ppk))$/,
  /^(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini|txt|env))?$/,
  /^(?:shadow|gshadow|sudoers|master\.key|terraform\.tfstate.*|.*\.tfvars)$/,
];

/** What a pattern is tried on. */
const SECRET_SAMPLES = [
  '.env',
  '.env.local',
  '.env.production',
  '.ssh',
  '.netrc',
  '.npmrc',
  '.aws',
  '.git-credentials',
  'id_rsa',
  'server.pem',
  'server.key',
  'credentials.json',
  'secrets.yml',
  '.git',
];

/** Read by tools when they start, outside of any check: what is written there runs later. */
const PLANTED: readonly RegExp[] = [
  /^\.(?:git|hg|svn|claude|cursor|gemini|codex|copilot|opencode|qwen|cline|windsurf|continue|aider.*|vscode|idea|husky|devcontainer|circleci|buildkite)$/,
  /^\.(?:mcp\.json|npmrc|yarnrc(?:\.yml)?|pnpmfile\.cjs|envrc|direnv|gitmodules|gitattributes|gitconfig|bash.*|zsh.*|profile|login|inputrc|vimrc|exrc|tmux\.conf|pypirc|condarc|curlrc|wgetrc|pre-commit-config\.ya?ml|lefthook\.ya?ml|editorconfig)$/,
  /^(?:authorized_keys|crontab|.*\.(?:service|timer|desktop))$/,
];

/** Written to or read from freely: they keep nothing. */
const STREAMS = new Set(['/dev/null', '/dev/stdin', '/dev/stdout', '/dev/stderr', '/dev/tty']);

const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:(?:\/\/|:)|[\w.-]+@[\w.-]+:|file:|data:|\\\\)/i;

export function isStream(path: string): boolean {
  return STREAMS.has(path);
}

/** Whether `..` climbs out of where it starts. */
function climbs(path: string): boolean {
  let depth = 0;
  for (const segment of path.split('/')) {
    if (segment === '..') depth -= 1;
    else if (segment !== '' && segment !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

function isSecretName(segment: string): boolean {
  const name = segment.toLowerCase();
  return SECRET_NAMES.some((shape) => shape.test(name));
}

/** The shell gives no name with a leading dot for a leading `*`; a pattern that starts with a dot gets those. */
function mayBeSecret(pattern: string): boolean {
  const matches = picomatch(pattern, { dot: false, nocase: true, nonegate: true });
  return SECRET_SAMPLES.some((name) => matches(name));
}

function segmentProblem(segment: string, glob: boolean): string | null {
  if (segment.toLowerCase() === '.git') return 'is inside of the directory of git';
  if (isSecretName(segment)) return 'may hold credentials';
  // A name of letters between stars, such as `*.ts`, is tried on names of secrets; `*` alone gets none with a dot.
  if (glob && segment !== '*' && segment !== '**' && /[*?[]/.test(segment) && mayBeSecret(segment))
    return 'is a pattern that credentials match too';
  return null;
}

/** Why a path may not be read under a wildcard, as the end of a sentence; null where nothing speaks against it. */
export function pathProblem(path: string, glob: boolean = false): string | null {
  if (isStream(path)) return null;
  if (ADDRESS.test(path)) return 'is an address, not a file of the workspace';
  if (path.startsWith('~')) return 'is in a home directory';
  if (path.startsWith('/')) return 'is outside of the workspace';
  if (climbs(path)) return 'leaves the workspace';
  for (const segment of path.split('/')) {
    const problem = segmentProblem(segment, glob);
    if (problem !== null) return problem;
  }
  return null;
}

/** `HEAD:../x`, `a=b`: each part of a word that may be a path of its own. */
function piecesOf(value: string): readonly string[] {
  const after = value.split(/[:=,]/);
  return after.length > 1 ? [value, ...after] : [value];
}

/** Why a word may not stand in the place of a path; null where nothing speaks against it. */
export function wordProblem(word: ShellWord): string | null {
  if (word.home) return 'is in a home directory';
  if (word.value === null) return 'is not known before it runs';
  if (word.value.startsWith('@')) return 'may name a file with more words';
  for (const piece of piecesOf(word.value)) {
    const problem = pathProblem(piece, word.glob);
    if (problem !== null) return problem;
  }
  return null;
}

/** Why a wildcard does not cover writing to this path; null where nothing speaks against it. */
export function writeProblem(path: string): string | null {
  const problem = pathProblem(path);
  if (problem !== null) return problem;
  const planted = path.split('/').some((segment) => PLANTED.some((shape) => shape.test(segment.toLowerCase())));
  return planted ? 'is read by tools when they start, so that what is written there runs later' : null;
}

/** The path as rules know it: relative to the workspace, without `./`; null for what is outside. */
export function workspacePath(path: string): string | null {
  if (path.startsWith('/') || path.startsWith('~') || climbs(path)) return null;
  const parts: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') parts.pop();
    else if (segment !== '' && segment !== '.') parts.push(segment);
  }
  return parts.length === 0 ? null : parts.join('/');
}
