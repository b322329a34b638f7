/** Which secrets of the host a run may use, and for what. Plain JSON data; never a value, and never where one is. */

export interface SecretRule {
  /** As the host calls it. */
  readonly name: string;
  /** The variable that holds it inside: what stands for it where `hosts` are named, the value in the checks that are named. */
  readonly variable: string;
  /** Hosts it is put into requests to, outside of the sandbox. In the form of `readHostName`. */
  readonly hosts: readonly string[];
  /** Ids of the checks that are given the value itself. */
  readonly checks: readonly string[];
  readonly reason: string | null;
}
