/** Where a value of a policy stands, over several files. Types only. */
import type { WrittenValue } from './yaml-tree.ts';

export interface Place extends WrittenValue {
  /** As in origins: `organisation.yaml`. */
  readonly file: string;
  /** As in messages: where a person finds it. */
  readonly source: string;
  /** Line of the key, where the value begins further down. */
  readonly keyLine: number;
}

export interface Said {
  /** Everybody who said something of the key, the widest layer first. */
  readonly asked: readonly Place[];
  /** Whose word holds; several where what restricts adds up. */
  readonly holds: readonly Place[];
}

/** By joined path of the key. */
export type Places = ReadonlyMap<string, Said>;
