/** Variables before a command: which of them change nothing but words and colours. */

/** Anything else may change what runs (`PATH`, `LD_PRELOAD`, `GIT_*`, `NODE_OPTIONS`, `BASH_ENV`), so it is asked about. */
const HARMLESS = new Set([
  'CI',
  'TZ',
  'TERM',
  'COLUMNS',
  'LINES',
  'LANG',
  'LANGUAGE',
  'NO_COLOR',
  'FORCE_COLOR',
  'CLICOLOR',
  'CLICOLOR_FORCE',
  'COLORTERM',
  'DEBUG',
  'VERBOSE',
  'NODE_ENV',
  'RAILS_ENV',
  'RACK_ENV',
  'APP_ENV',
  'MIX_ENV',
  'RUST_BACKTRACE',
  'RUST_LOG',
  'RUST_TEST_THREADS',
  'CARGO_TERM_COLOR',
  'PYTHONUNBUFFERED',
  'PYTHONDONTWRITEBYTECODE',
  'PYTHONHASHSEED',
  'PYTHONIOENCODING',
  'PYTHONUTF8',
  'PORT',
  'SEED',
  'UPDATE_SNAPSHOTS',
  'FASTCHECK_SEED',
]);

const PROXIES = /^(?:https?|ftp|all|no)_proxy$/;

/** Whether a variable may be given to a command without anybody being asked. */
export function isHarmlessVariable(name: string): boolean {
  return HARMLESS.has(name) || /^LC_[A-Z]+$/.test(name);
}

/**
 * Whether a variable may be set in the shell itself. Small letters are the shell's own by convention, but for those that
 * programs read all the same. What a variable in capitals is to the programs that run later, nobody knows.
 */
export function isHarmlessInShell(name: string): boolean {
  if (isHarmlessVariable(name)) return true;
  return /^[a-z_][a-z0-9_]*$/.test(name) && !PROXIES.test(name) && !/^(?:npm|pnpm|yarn|pip|cargo|git)_/.test(name);
}
