/** Diffs that change what is installed, built, deployed or run with credentials. */
import type { DiffLine } from '../../core/risk.ts';
import { lineRule, PROSE, type DiffRule, type SeenLine } from './rule.ts';

const WORKFLOW =
  /(?:^|\/)\.(?:github|gitea|forgejo)\/(?:workflows|actions)\/|(?:^|\/)\.gitlab-ci\.ya?ml$|(?:^|\/)\.gitlab\//;

/** `"left-pad": "^1.3.0"` and `left-pad = "1.3"`, the forms of package.json, Cargo.toml and pyproject.toml. */
const VERSION =
  /^\s*["']?([@\w][\w@./-]{0,100})["']?\s*[:=]\s*(?:\{\s*version\s*=\s*)?["'][\^~>=<v ]{0,3}(\d{1,9}(?:\.\d{1,9}){0,3}[\w.+-]{0,40})["']/;

const MANIFEST =
  /(?:^|\/)(?:package\.json|Cargo\.toml|pyproject\.toml|Pipfile|composer\.json|deno\.jsonc?|libs\.versions\.toml)$/;

function versions(lines: readonly DiffLine[]): ReadonlyMap<string, DiffLine & { readonly version: string }> {
  const found = new Map<string, DiffLine & { readonly version: string }>();
  for (const line of lines) {
    const match = VERSION.exec(line.text);
    if (match?.[1] !== undefined && match[2] !== undefined) found.set(match[1], { ...line, version: match[2] });
  }
  return found;
}

/** `2.0.0` after `1.9.3`: what semver calls breaking, with the minor number taken for the major one before 1.0. */
function isMajor(from: string, to: string): boolean {
  const [fromMajor = '', fromMinor = ''] = from.split('.');
  const [toMajor = '', toMinor = ''] = to.split('.');
  return fromMajor !== toMajor || (toMajor === '0' && fromMinor !== toMinor);
}

function bumps(added: readonly DiffLine[], removed: readonly DiffLine[]): readonly SeenLine[] {
  const before = versions(removed);
  return [...versions(added)].map(([name, { line, version }]) => {
    const old = before.get(name)?.version;
    const kind = old !== undefined && isMajor(old, version) ? ' (a major step)' : '';
    return { side: 'added', line, text: `${name} ${old === undefined ? 'new at' : `${old} ->`} ${version}${kind}` };
  });
}

const FETCHES = /\b(?:curl|wget)\s/;
const INTO_SHELL = /\|\s*(?:sudo\s+)?(?:\/\S{1,40}\/)?(?:ba|z|da|k)?sh\b|\b(?:ba|z)?sh\s+<\(\s*(?:curl|wget)\b/;
const INSTALLS = /\b(?:pip3?|npm|pnpm|yarn|gem|go|cargo)\s+(?:install|add|i)\s/;
const FROM_ADDRESS = /\sgit\+|\shttps?:\/\//;

/** Two looks at a line rather than one pattern with a gap: a gap is tried from every `curl` of a line of many. */
function runsFetchedCode(text: string): boolean {
  return (FETCHES.test(text) && INTO_SHELL.test(text)) || (INSTALLS.test(text) && FROM_ADDRESS.test(text));
}

export const SUPPLY_RULES: readonly DiffRule[] = [
  {
    zone: 'dependencies',
    id: 'version',
    what: 'changes the version of a package',
    find: ({ path, added, removed }) => (MANIFEST.test(path) ? bumps(added, removed) : []),
  },
  lineRule({
    zone: 'dependencies',
    id: 'install-script',
    what: 'adds a script that runs when the package is installed or published',
    side: 'added',
    only: /(?:^|\/)(?:package|composer)\.json$/,
    pattern:
      /^\s*"(?:(?:pre|post)?install|prepare|prepublish(?:Only)?|(?:pre|post)pack|(?:pre|post)-(?:install|update)-cmd|post-autoload-dump)"\s*:/,
  }),
  lineRule({
    zone: 'dependencies',
    id: 'lifecycle',
    what: 'marks a locked package as one that runs a script when installed',
    side: 'added',
    only: /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml)$/,
    pattern: /^\s*(?:"hasInstallScript"|requiresBuild)\s*"?\s*:\s*true\b/,
  }),
  {
    zone: 'dependencies',
    id: 'fetched-code',
    what: 'runs code that it fetches',
    find: ({ path, added }) =>
      PROSE.test(path)
        ? []
        : added.filter(({ text }) => runsFetchedCode(text)).map(({ line, text }) => ({ side: 'added', line, text })),
  },
  lineRule({
    zone: 'ci',
    id: 'workflow-rights',
    what: 'gives a workflow rights, secrets or the code of strangers',
    side: 'added',
    only: WORKFLOW,
    pattern:
      /^\s*permissions\s*:|^\s*(?:contents|actions|checks|deployments|id-token|issues|packages|pages|pull-requests|security-events|statuses)\s*:\s*write\b|\bwrite-all\b|\bpull_request_target\b|\bworkflow_run\s*:|\bsecrets\s*(?:\.|:\s*inherit\b)|\bpersist-credentials\s*:\s*true\b/,
  }),
  lineRule({
    zone: 'ci',
    id: 'check-weakened',
    what: 'lets a step of CI fail without consequence',
    side: 'added',
    only: WORKFLOW,
    pattern: /\bcontinue-on-error\s*:\s*true\b|\ballow_failure\s*:\s*true\b|\|\|\s*(?:true|:)\s*$|\s--no-verify\b/,
  }),
  lineRule({
    zone: 'infrastructure',
    id: 'declaration',
    what: 'changes what a cluster or a cloud is asked to run',
    side: 'either',
    only: /\.(?:ya?ml|json)$/i,
    pattern:
      /^apiVersion\s*:\s*\S|^\s*"?AWSTemplateFormatVersion"?\s*:|^\s*"?Type"?\s*:\s*"?(?:AWS|Alexa)::\w|^\s*"\$schema"\s*:\s*"https?:\/\/schema\.management\.azure\.com\//,
  }),
];
