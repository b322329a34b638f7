/** What somebody sees who believes exit codes: the check command, run by the agent in its own tree. */

/** Seconds for the command. */
const MOST_SECONDS = 60;

/** A step that prints `naive exit N`. */
export function naively(command: string): unknown {
  const quoted = command.replaceAll("'", String.raw`'\''`);
  return { run: `timeout -k 1 ${MOST_SECONDS} sh -c '${quoted}' >/dev/null 2>&1; echo "naive exit $?"` };
}
