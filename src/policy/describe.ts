/** A resolved policy in words, for the header of a run and for `policy check`. */
import { DEFAULT_APPROVALS } from '../core/approval.ts';
import type { CheckSpec } from '../core/check.ts';
import type { CommandPolicy } from '../core/command-rule.ts';
import { LIMIT_NAMES } from '../core/limit.ts';
import { NO_NETWORK } from '../core/network.ts';
import type { NetworkRules } from '../core/network.ts';
import { DEFAULT_PUBLISH } from '../core/policy.ts';
import type { ApprovalRules, PublishRules, ResolvedPolicy } from '../core/policy.ts';
import type { SecretRule } from '../core/secret-rule.ts';
import { formatCeiling, LIMIT_FORMS } from './limit-quantities.ts';
import type { PolicyOrigins } from './origins.ts';
import { networkWords } from './network-rules.ts';
import { formatBytes, formatCount, formatDuration } from './quantities.ts';
import { spendNotes } from './spend-notes.ts';

const BASELINE_WORDS = {
  'must-fail': 'a check is red on the base and has to turn green',
  'may-pass': 'checks have to get no worse, test by test',
} as const;

const AUTONOMY_WORDS = {
  report: 'report: nothing lands',
  propose: 'propose: a person lands it',
  land: 'land: an accepted change lands on a branch of its own',
} as const;

const LABEL_WIDTH = 20;

function line(label: string, value: string, origin?: string): string {
  const source = origin === undefined || origin === 'default' ? '' : `  (${origin})`;
  return `${label.padEnd(LABEL_WIDTH)}${value}${source}`;
}

/** Long lists are shown by their size and their first entries; the whole is in `policy check --json`. */
function short(entries: readonly string[], most: number): string {
  if (entries.length === 0) return 'none';
  const first = entries.slice(0, most).join(', ');
  return entries.length > most ? `${first}, and ${entries.length - most} more` : first;
}

/** `!docs/**` takes out what stands before it. */
function exceptWords(glob: string): string {
  return glob.startsWith('!') ? `except ${glob.slice(1)}` : glob;
}

function checkWords(check: CheckSpec): string {
  const where = check.reportFile === null ? '' : ` ${check.reportFile}`;
  return `${check.run}  [${check.report}${where}, ${formatDuration(check.timeoutMs)}]`;
}

function orIterations(value: number | 'off', what: string): string {
  return value === 'off' ? `${what}: off` : `${what}: stop after ${value} iterations`;
}

const UNMATCHED_WORDS = { allow: 'allowed', deny: 'refused', hold: 'asked about' } as const;

function commandWords({ allow, ask, deny, unmatched }: CommandPolicy): string {
  const rules =
    allow.length + ask.length + deny.length === 0
      ? 'no rules'
      : `${allow.length} rules allow, ${ask.length} ask, ${deny.length} refuse`;
  return `${rules}; what none decides is ${UNMATCHED_WORDS[unmatched]}`;
}

function networkLines(network: NetworkRules, origins: PolicyOrigins): string[] {
  const hosts = networkWords(network);
  if (hosts.length === 0) return [line('network', 'none but the models', origins['network.allow'])];
  const { egressBytes } = network;
  const most = egressBytes === 'unlimited' ? egressBytes : formatBytes(egressBytes);
  return [
    line('network', short(hosts, 6), origins['network.allow']),
    line('', `at most ${most} through the proxy`, origins['network.egressBytes']),
  ];
}

function secretLines(secrets: readonly SecretRule[], origins: PolicyOrigins): string[] {
  return secrets.map(({ name, variable, hosts, checks }, at) => {
    const uses = [...hosts.map((host) => `to ${host}`), ...checks.map((id) => `in check ${id}`)];
    return line(at === 0 ? 'secrets' : '', `${name} as ${variable}, ${uses.join(', ')}`, origins[`secrets.${name}`]);
  });
}

function limitLines(policy: ResolvedPolicy, origins: PolicyOrigins): string[] {
  return LIMIT_NAMES.map((name, index) =>
    line(
      index === 0 ? 'limits' : '',
      `${LIMIT_FORMS[name].label.padEnd(15)}${formatCeiling(name, policy.limits[name])}`,
      origins[`limits.${name}`],
    ),
  );
}

function spendLines({ dailyCostUsd, models }: ResolvedPolicy, origins: PolicyOrigins): string[] {
  const row = (label: string, name: string, value: string, origin: string): string =>
    line(label, `${name.padEnd(15)}${value}`, origins[origin]);
  const daily = (['class', 'repository', 'all'] as const).map((scope, index) =>
    row(
      index === 0 ? 'cost per day' : '',
      scope,
      formatCeiling('costUsd', dailyCostUsd[scope]),
      `dailyCostUsd.${scope}`,
    ),
  );
  const counted = models.metering === 'gateway' ? 'gateway' : 'AGENT: its word, nothing here sees its calls';
  const priced = Object.keys(models.prices);
  const factors = Object.entries(models.multipliers).map(([term, factor]) => `${term} ${factor}`);
  return [
    ...daily,
    row('models', 'counted by', counted, 'models.metering'),
    row('', 'allowed', short(models.allow, 6), 'models.allow'),
    row('', 'without price', models.unknownPrice, 'models.unknownPrice'),
    ...(priced.length === 0 ? [] : [row('', 'own prices', short(priced, 6), 'models.prices')]),
    ...(factors.length === 0 ? [] : [row('', 'own factors', short(factors, 6), 'models.multipliers')]),
    row('', 'hosted tools', short(models.hostedTools, 6), 'models.hostedTools'),
    row('', 'longest answer', `${formatCount(models.maxOutputTokens)} tokens`, 'models.maxOutputTokens'),
    row('', 'quota attempts', formatCount(models.quotaAttempts), 'models.quotaAttempts'),
  ];
}

/** What is a default by what it does; a line each for what is not. */
function actionLines({ detectors }: ResolvedPolicy, origins: PolicyOrigins): readonly string[] {
  const all = Object.entries(detectors.actions ?? {}).map(([id, action]) => ({
    id,
    action,
    origin: origins[`detectors.actions.${id}`],
  }));
  const isPreset = ({ origin }: (typeof all)[number]): boolean => origin === undefined || origin === 'default';
  const presets = Map.groupBy(all.filter(isPreset), ({ action }) => action);
  return [
    ...[...presets].map(([action, alike]) => line('', `${action}: ${alike.map(({ id }) => id).join(', ')}`)),
    ...all.filter((one) => !isPreset(one)).map(({ id, action, origin }) => line('', `${id}: ${action}`, origin)),
  ];
}

function approvalLine(rules: ApprovalRules, origins: PolicyOrigins): string {
  const by = rules.otherThanOperator ? 'by somebody other than the operator' : 'by anybody the zones name';
  const words = [
    `count for ${formatDuration(rules.expireMs)}`,
    by,
    ...(rules.signed ? ['signed'] : []),
    `reminder after ${formatDuration(rules.remindMs)}`,
  ].join(', ');
  const keys = ['signed', 'expireMs', 'otherThanOperator', 'remindMs'] as const;
  const from = keys.map((key) => origins[`approvals.${key}`]).find((one) => one !== undefined && one !== 'default');
  return line('approvals', words, from);
}

function publishLine(rules: PublishRules, origins: PolicyOrigins): string {
  const { forge, repository, target, openRequests } = rules;
  const where = `${forge}: ${repository ?? 'the repository `origin` names'}, for ${target ?? 'its default branch'}`;
  const words = forge === 'none' ? 'nowhere' : `${where}, at most ${openRequests} open for an owner`;
  return line('published', words, origins['publish.forge'] === 'default' ? undefined : origins['publish.forge']);
}

/** Several lines without a trailing line feed. With origins, what is not a default says where it came from. */
export function describePolicy(policy: ResolvedPolicy, origins: PolicyOrigins = {}): string {
  const { detectors, paths } = policy;
  return [
    ...(policy.layers ?? []).map(({ level, file, hash }, index) =>
      line(index === 0 ? 'layers' : '', `${level}: ${file} (${hash.slice(0, 12)})`),
    ),
    line('class', `${policy.class.name}: ${policy.class.summary}`, origins['class.name']),
    line('baseline', `${policy.class.baseline}: ${BASELINE_WORDS[policy.class.baseline]}`, origins['class.baseline']),
    line('autonomy', AUTONOMY_WORDS[policy.class.autonomy ?? 'propose'], origins['class.autonomy']),
    line('agent', policy.agent.driver, origins['agent.driver']),
    line('owner', policy.owner ?? 'nobody', origins['owner']),
    line('sandbox', policy.sandbox === 'none' ? 'none: NOTHING IS CONFINED' : policy.sandbox, origins['sandbox']),
    ...policy.checks.map((check, index) =>
      line(index === 0 ? 'checks' : '', `${check.id}: ${checkWords(check)}`, origins[`checks.${check.id}.run`]),
    ),
    line('protected', short(policy.protect.map(exceptWords), 4), origins['protect']),
    line('may change', short(paths.allow, 6), origins['paths.allow']),
    line('may not change', short(paths.deny.map(exceptWords), 6), origins['paths.deny']),
    line('dependencies', short(paths.dependencies, 6), origins['paths.dependencies']),
    line('may read secrets', short(paths.unmask ?? [], 6), origins['paths.unmask']),
    line('environment', short(Object.keys(policy.environment), 8)),
    ...limitLines(policy, origins),
    ...spendLines(policy, origins),
    line('commands', commandWords(policy.commands), origins['commands.unmatched']),
    ...networkLines(policy.network ?? NO_NETWORK, origins),
    ...secretLines(policy.secrets ?? [], origins),
    line(
      'detectors',
      orIterations(detectors.repeatedFailureIterations, 'same failures'),
      origins['detectors.repeatedFailureIterations'],
    ),
    line('', orIterations(detectors.noProgressIterations, 'no progress'), origins['detectors.noProgressIterations']),
    line('', `edit of a protected file: ${detectors.protectedEdit}`, origins['detectors.protectedEdit']),
    ...actionLines(policy, origins),
    ...Object.entries(detectors.steps ?? {}).map(([id, count]) =>
      line('', `${id}: ${count === 'off' ? 'off' : `stop at ${count}`}`, origins[`detectors.steps.${id}`]),
    ),
    line(
      'waits for a person',
      short(
        policy.risk.map((zone) => zone.name),
        12,
      ),
    ),
    approvalLine(policy.approvals ?? DEFAULT_APPROVALS, origins),
    publishLine(policy.publish ?? DEFAULT_PUBLISH, origins),
    ...spendNotes(policy).map((note) => line('note', note)),
  ].join('\n');
}

/** One line: class, agent, checks, the limits people ask about first. */
export function summarizePolicy(policy: ResolvedPolicy): string {
  const { iterations, wallTimeMs, costUsd } = policy.limits;
  return [
    `class ${policy.class.name}`,
    `agent ${policy.agent.driver}`,
    `checks ${policy.checks.map((check) => check.id).join(', ')}`,
    `at most ${formatCeiling('iterations', iterations)} iterations, ${formatCeiling('wallTimeMs', wallTimeMs)}, ${formatCeiling('costUsd', costUsd)}`,
    `sandbox ${policy.sandbox}`,
  ].join(' · ');
}
