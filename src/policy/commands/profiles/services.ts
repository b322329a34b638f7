/** Programs that speak to others: only what reads is covered, and the rest is named word by word. */
import { WRITTEN_OUT } from '../model.ts';
import { options } from '../options.ts';
import { at, commandsOf, type Family, type Profile } from './profile.ts';

const GH_READ =
  '-q:t -t:t -L:t -s:t -a:t -l:t -S:t -c --json:t --jq:t --template:t --limit:t --state:t --author:t --assignee:t --label:t --search:t --comments --name-only --patch --base:t --head:t --required --log --log-failed --job:t --exit-status --workflow:t --branch:t -b:t -v --verbose';

/** `gh pr view`: the word behind the command is judged as well. */
const ghRead: Profile = {
  options: options(GH_READ, 'text'),
  inspect: (words, scan) => {
    const reads = scan.values.find(
      ({ name, value }) => (name === '-q' || name === '--jq') && /\benv\b|\$ENV/.test(value),
    );
    if (reads !== undefined) return [at(reads.index, words, 'reads the environment')];
    const verb = scan.positionals[0];
    const value = verb === undefined ? '' : (words[verb]?.value ?? '');
    if (['view', 'list', 'diff', 'checks', 'status'].includes(value)) return [];
    return verb === undefined
      ? [{ index: WRITTEN_OUT, why: 'without a verb it is not known to be harmless' }]
      : [{ index: verb, why: `\`${value}\` is not known to only read` }];
  },
};

export const GH: Family = {
  options: options('--version', 'text'),
  commands: commandsOf({ 'pr issue run workflow release': ghRead }),
};

export const DOCKER: Family = {
  options: options('--version -v', 'text'),
  commands: commandsOf({
    'ps images version info': {
      options: options('-a -q -l -n:t -s -f:t --all --quiet --filter:t --format:t --no-trunc --latest --size', 'text'),
    },
    'logs stats top port inspect': {
      options: options('-f -t -n:t --follow --tail:t --since:t --until:t --timestamps --no-stream --format:t', 'text'),
    },
  }),
};

export const KUBECTL: Family = {
  options: options('', 'text'),
  commands: commandsOf({
    get: {
      options: options(
        '-n:t -l:t -o:n -A -w --namespace:t --selector:t --output:n --all-namespaces --show-labels --no-headers --sort-by:t',
        'text',
      ),
      inspect: (words, scan) =>
        scan.positionals.flatMap((index) =>
          /secret|^all$|configmap/i.test(words[index]?.value ?? 'secret')
            ? [at(index, words, 'may show credentials')]
            : [],
        ),
    },
    'logs top explain version api-resources': {
      options: options(
        '-n:t -l:t -c:t -f -A --namespace:t --selector:t --all-namespaces --tail:t --since:t --container:t --previous --follow --client',
        'text',
      ),
    },
  }),
};

export const TERRAFORM: Family = {
  options: options('-version', 'text', true),
  commands: commandsOf({
    validate: { options: options('-json -no-color', 'none', true) },
    fmt: { options: options('-check -diff -recursive -list:t -write:t', 'paths', true) },
    plan: {
      options: options(
        '-no-color -input:t -lock:t -refresh:t -detailed-exitcode -compact-warnings -parallelism:t -json',
        'none',
        true,
      ),
    },
  }),
};
