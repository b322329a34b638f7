/** What a policy file says, with quantities read but nothing filled in. Keys are as in the file. */
import type { ReportFormat } from '../core/check.ts';
import type { CommandPolicy } from '../core/command-rule.ts';
import type { Ceiling, Limits } from '../core/limit.ts';
import type { Ratchet } from '../core/measure.ts';
import type {
  ActionDetector,
  Autonomy,
  BaselineRule,
  DetectorAction,
  LayerLevel,
  PolicyLayer,
  PublishRules,
  SandboxName,
} from '../core/policy.ts';
import type { DatabaseKind } from '../core/migration.ts';
import type { NetworkMethods } from '../core/network.ts';
import type { ModelRules } from '../core/spend.ts';
import type { Places } from './place.ts';
import type { WrittenValue } from './yaml-tree.ts';

export interface AgentSection {
  readonly driver: string;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

export interface CheckSection {
  readonly run: string;
  readonly report?: ReportFormat | undefined;
  readonly 'report-file'?: string | undefined;
  readonly timeout?: number | undefined;
  readonly network?: boolean | undefined;
  readonly repeat?: number | undefined;
  readonly ratchet?: Ratchet | undefined;
  readonly hidden?: readonly string[] | undefined;
}

export interface ProtectSection {
  readonly files?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
}

export interface PathsSection {
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  readonly dependencies?: readonly string[] | undefined;
  readonly unmask?: readonly string[] | undefined;
}

/** Per UTC day, US dollars. */
export interface DailyCostSection {
  readonly class?: Ceiling | undefined;
  readonly repository?: Ceiling | undefined;
  readonly all?: Ceiling | undefined;
}

export interface LimitsSection {
  readonly iterations?: Ceiling | undefined;
  readonly 'wall-time'?: Ceiling | undefined;
  readonly idle?: Ceiling | undefined;
  readonly 'changed-files'?: Ceiling | undefined;
  readonly 'changed-lines'?: Ceiling | undefined;
  readonly output?: Ceiling | undefined;
  readonly 'egress-bytes'?: Ceiling | undefined;
  readonly tokens?: Ceiling | undefined;
  readonly 'cost-usd'?: Ceiling | undefined;
  readonly 'daily-cost-usd'?: DailyCostSection | undefined;
}

/** Of one turn, or one check. */
export interface ResourcesSection {
  readonly memory?: Ceiling | undefined;
  readonly processes?: Ceiling | undefined;
  readonly disk?: Ceiling | undefined;
  readonly files?: Ceiling | undefined;
  readonly 'deleted-files'?: Ceiling | undefined;
  readonly 'deleted-share'?: Ceiling | undefined;
  readonly 'open-files'?: Ceiling | undefined;
  readonly 'file-size'?: Ceiling | undefined;
  readonly 'cpu-time'?: Ceiling | undefined;
}

export interface DetectorsSection {
  readonly 'repeated-failure'?: number | 'off' | undefined;
  readonly 'no-progress'?: number | 'off' | undefined;
  readonly 'protected-edit'?: DetectorAction | undefined;
  readonly actions?: Readonly<Partial<Record<ActionDetector, DetectorAction>>> | undefined;
  readonly steps?: Readonly<Partial<Record<string, number | 'off'>>> | undefined;
}

export interface ZoneSection {
  readonly name: string;
  /** `off` removes the zone of this name. */
  readonly paths?: readonly string[] | 'off' | undefined;
  readonly reason?: string | undefined;
  /** Owners in CODEOWNERS whose paths are in the zone. */
  readonly owners?: readonly string[] | undefined;
  readonly approvals?: number | undefined;
  readonly from?: readonly string[] | undefined;
  readonly checks?: readonly string[] | undefined;
}

/** US dollars per million tokens; searches per thousand. */
export interface PriceSection {
  readonly input: number;
  readonly output: number;
  readonly 'cache-read'?: number | undefined;
  readonly 'cache-write-5m'?: number | undefined;
  readonly 'cache-write-1h'?: number | undefined;
  readonly 'web-search-per-1000'?: number | undefined;
}

export interface ModelsSection {
  readonly metering?: ModelRules['metering'] | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly prices?: Readonly<Record<string, PriceSection>> | undefined;
  readonly multipliers?: Readonly<Record<string, number>> | undefined;
  readonly 'unknown-price'?: ModelRules['unknownPrice'] | undefined;
  readonly 'hosted-tools'?: readonly string[] | undefined;
  readonly 'max-output-tokens'?: number | undefined;
  readonly 'quota-attempts'?: number | undefined;
}

/** One rule on commands, files or hosts: `Tool(specifier)`. */
export interface RuleSection {
  readonly rule: string;
  readonly reason?: string | undefined;
  readonly match?: readonly string[] | undefined;
  readonly not_match?: readonly string[] | undefined;
}

export interface CommandsSection {
  readonly allow?: readonly RuleSection[] | undefined;
  readonly ask?: readonly RuleSection[] | undefined;
  readonly deny?: readonly RuleSection[] | undefined;
  readonly unmatched?: CommandPolicy['unmatched'] | undefined;
  readonly unasked?: CommandPolicy['unasked'] | undefined;
}

/** A host, or the name of a list of hosts. */
export interface NetworkRuleSection {
  readonly host: string;
  readonly methods?: NetworkMethods | undefined;
  readonly reason?: string | undefined;
}

export interface NetworkSection {
  readonly allow?: readonly NetworkRuleSection[] | undefined;
}

export interface SecretSection {
  readonly for?: readonly string[] | undefined;
  readonly checks?: readonly string[] | undefined;
  readonly variable?: string | undefined;
  readonly reason?: string | undefined;
}

/** Times in milliseconds. */
export interface ApprovalsSection {
  readonly signed?: boolean | undefined;
  readonly expire?: number | undefined;
  readonly 'other-than-operator'?: boolean | undefined;
  readonly remind?: number | undefined;
}

export interface PublishSection {
  readonly forge?: PublishRules['forge'] | undefined;
  readonly repository?: string | undefined;
  readonly target?: string | undefined;
  readonly 'open-requests'?: number | undefined;
}

/** The sections that a task class may say more precisely than the whole file. */
export interface SharedSections {
  readonly protect?: ProtectSection | undefined;
  readonly paths?: PathsSection | undefined;
  readonly limits?: LimitsSection | undefined;
  readonly resources?: ResourcesSection | undefined;
  readonly detectors?: DetectorsSection | undefined;
  readonly network?: NetworkSection | undefined;
  readonly risk?: readonly ZoneSection[] | undefined;
}

export interface ClassSection extends SharedSections {
  readonly extends?: string | undefined;
  readonly summary?: string | undefined;
  readonly baseline?: BaselineRule | undefined;
  readonly autonomy?: Autonomy | undefined;
  readonly checks?: readonly string[] | undefined;
}

export interface MigrationsSection {
  readonly database?: DatabaseKind | undefined;
  readonly up?: string | undefined;
  readonly down?: string | undefined;
}

export interface PolicyContent extends SharedSections {
  readonly version: 1;
  readonly agent?: AgentSection | undefined;
  readonly owner?: string | undefined;
  readonly autonomy?: Autonomy | undefined;
  readonly sandbox?: SandboxName | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly checks?: Readonly<Record<string, CheckSection>> | undefined;
  readonly proof?: { readonly mutants?: number | undefined } | undefined;
  readonly review?: { readonly minutes?: Ceiling | undefined } | undefined;
  readonly migrations?: MigrationsSection | undefined;
  readonly commands?: CommandsSection | undefined;
  readonly models?: ModelsSection | undefined;
  readonly secrets?: Readonly<Record<string, SecretSection>> | undefined;
  readonly approvals?: ApprovalsSection | undefined;
  readonly publish?: PublishSection | undefined;
  readonly classes?: Readonly<Record<string, ClassSection>> | undefined;
}

/** A policy of the host, above those of repositories. */
export interface LayerContent extends PolicyContent {
  readonly layer: LayerLevel;
  readonly 'applies-to'?: readonly string[] | undefined;
}

/** A policy file that was read and found right. */
export interface PolicyFile {
  /** As shown in messages and origins: `loopwright.yaml`. */
  readonly fileName: string;
  readonly content: PolicyContent;
  /** Line of every key, by path: `limits.wall-time`, `checks.unit.run`, `risk.0.paths`. */
  readonly lines: ReadonlyMap<string, number>;
  /** Values as written, by the same paths. */
  readonly written?: () => ReadonlyMap<string, WrittenValue>;
  /** Set where layers of the host lie above the file: then all of the above is what they say together. */
  readonly stack?: PolicyStack;
}

/** Layers of the host and the file of the repository, as one. */
export interface PolicyStack {
  /** From the widest to the narrowest, as the record of a run keeps them. */
  readonly layers: readonly PolicyLayer[];
  /** What the layers of the host say together, without the repository. */
  readonly upper: { readonly content: PolicyContent; readonly places: Places };
  /** Checks of those layers: they judge whatever a class or `--check` picks. */
  readonly requiredChecks: readonly string[];
  readonly places: Places;
  /** Throws `LW_POLICY_LOOSENED` where flags ask for more than layers of the host allow a class. */
  readonly admit: (flags: FlagWishes, chain: { readonly sections: readonly { readonly name: string }[] }) => void;
}

/** What flags may say of things that a layer speaks of too. */
export interface FlagWishes {
  readonly agent?: string | undefined;
  readonly agentOptions?: Readonly<Record<string, unknown>> | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly sandbox?: SandboxName | undefined;
}
