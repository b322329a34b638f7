/**
 * Runs inside the sandbox, beside the program: listens on loopback ports of the sandbox's own, empty network and passes
 * bytes on to Unix sockets that were mounted. Plain JavaScript once its types are off; arguments are `PORT:SOCKET`.
 * It holds nothing the program could not reach itself, and dies with the sandbox.
 */
import { connect, createServer } from 'node:net';

function forward(port: number, socket: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ path: socket, allowHalfOpen: true });
    inside.setNoDelay(true);
    // Either end breaking ends both: a half that waits for nobody would hold a model call open.
    inside.on('error', () => outside.destroy());
    outside.on('error', () => inside.destroy());
    inside.pipe(outside);
    outside.pipe(inside);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function main(pairs: readonly string[]): Promise<void> {
  for (const pair of pairs) {
    const colon = pair.indexOf(':');
    await forward(Number(pair.slice(0, colon)), pair.slice(colon + 1));
  }
}

main(process.argv.slice(1)).then(
  () => process.stdout.write('forwarding\n'),
  (error: unknown) => {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
