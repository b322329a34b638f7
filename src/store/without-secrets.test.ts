import { describe, expect, it } from 'vitest';
import { createRedaction } from '../gateway/recording/redact.ts';
import { started } from '../../test/fixtures/world.ts';
import { createMemoryStore } from './memory/index.ts';
import { createRedactor, withoutSecrets } from './without-secrets.ts';

const VALUE = 'hush-4711/q+z"\\';

function guarded(): { store: ReturnType<typeof createMemoryStore>; redactor: ReturnType<typeof createRedactor> } {
  const redactor = createRedactor();
  return { store: withoutSecrets(createMemoryStore({ now: () => 1 }), redactor.redact), redactor };
}

const read = async (store: { getBlob(hash: string): Promise<Uint8Array> }, hash: string): Promise<string> =>
  Buffer.from(await store.getBlob(hash)).toString();

describe('a store that keeps secrets out', () => {
  it('keeps what it is given while no secret is open, and after it was let go', async () => {
    const { store, redactor } = guarded();
    const bytes = Buffer.from(`x ${VALUE}`);
    expect(await read(store, await store.putBlob(bytes))).toBe(`x ${VALUE}`);
    redactor.hold(createRedaction([VALUE]))();
    expect(redactor.redact(bytes)).toBe(bytes);
  });

  it('takes it out of payloads and events, in each of its forms, and names a payload by what it kept', async () => {
    const { store, redactor } = guarded();
    redactor.hold(createRedaction([VALUE]));
    const written = [
      VALUE,
      Buffer.from(VALUE).toString('base64'),
      encodeURIComponent(VALUE),
      JSON.stringify({ VALUE }),
    ];
    const hashes = await store.putBlobs(written.map((text) => Buffer.from(text)));
    for (const hash of hashes) expect(await read(store, hash)).toContain('[redacted by loopwright]');
    const lease = await store.create('run1', '/repo', 'me', 1_000);
    const task = { goal: `say ${VALUE} twice`, repository: '/repo', class: 'fix' };
    const [event] = await store.append(lease, [{ event: started({ task }), at: 1, activeMs: 0 }]);
    expect(event).toMatchObject({ task: { goal: 'say [redacted by loopwright] twice' } });
    expect(await store.verify('run1')).toMatchObject({ events: 1, brokenAt: null });
  });
});
