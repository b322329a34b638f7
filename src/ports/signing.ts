/** Whose signatures of decisions hold. Made by the composition root: from the host's file, else from the base revision. */
import type { ApprovalSignature } from '../core/approval.ts';

export interface SignedClaim {
  /** The name that decided. */
  readonly by: string;
  /** The statement, made again from the record. */
  readonly text: string;
  readonly signature: ApprovalSignature;
}

/** Where names get their keys when the host says nothing. Never a tree an agent could write. */
export interface TrustedBase {
  readonly repository: string;
  readonly commit: string;
}

export interface ApproverKeys {
  /**
   * null: the signature is of exactly this text, by a key that this name has. Otherwise why not, in words. Rejects with
   * `LW_APPROVERS_INVALID` when the file with the keys has an error or others can write it.
   */
  problem(claim: SignedClaim, base: TrustedBase): Promise<string | null>;
}

/** Signs a statement with the key of one person. Rejects with `LW_SIGNING_KEY`. */
export type SignStatement = (text: string) => Promise<ApprovalSignature>;
